package flowmatching.means.data;

import static flowmatching.means.data.IdxFixture.COLOUR_IMAGES;
import static flowmatching.means.data.IdxFixture.IMAGES;
import static flowmatching.means.data.IdxFixture.LABELS;
import static flowmatching.means.data.IdxFixture.gzip;
import static flowmatching.means.data.IdxFixture.idx;
import static flowmatching.means.data.IdxFixture.writeTen;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.SparkSessionExtension;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SparkSessionExtension.class)
class ImageSetTest {
  @TempDir private Path folder;
  private SparkSession spark;

  @BeforeEach
  void session(SparkSession session) {
    spark = session;
  }

  private ImageSet open(Path from, Split split) {
    return ImageSet.open(spark, from.toString(), split);
  }

  @Test
  void anImageSetHasShapeAndDigests() throws IOException {
    Files.write(folder.resolve(COLOUR_IMAGES + ".gz"), gzip(idx(36, 2, 3, 2, 3)));
    Files.write(folder.resolve(LABELS), idx(2, 2));

    var images = open(folder, Split.TRAIN);

    assertThat(images)
        .isEqualTo(
            new ImageSet(
                "file:" + folder,
                Split.TRAIN,
                2,
                new ImageShape(3, 2, 3),
                DigestUtils.sha256Hex(idx(36, 2, 3, 2, 3)),
                DigestUtils.sha256Hex(idx(2, 2)),
                false));
    assertThat(images.name()).isEqualTo("file:" + folder);
  }

  @Test
  void ifChannelsComeLastTheMessageSaysTheRightOrder() throws IOException {
    Files.write(folder.resolve(COLOUR_IMAGES), idx(2 * 32 * 32 * 3, 2, 32, 32, 3));
    Files.write(folder.resolve(LABELS), idx(2, 2));
    var images = open(folder, Split.TRAIN);

    assertThatThrownBy(() -> images.demand(new ImageShape(3, 32, 32), "model.image is", "set it"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContainingAll("are 32x32x3, but model.image is 3x32x32", "[N, C, H, W]")
        .hasMessageNotContaining("set it");
  }

  @Test
  void imagesOfAnotherShapeAreRefusedWithTheFix() throws IOException {
    writeTen(folder);
    var images = open(folder, Split.TRAIN);

    images.demand(new ImageShape(1, 3, 5), "model.image is", "set it");
    assertThatThrownBy(() -> images.demand(new ImageShape(1, 28, 28), "model.image is", "set it"))
        .isInstanceOf(DataFailure.class)
        .hasMessageEndingWith("are 1x3x5, but model.image is 1x28x28: set it.");
  }

  @Test
  void theMessageAboutAShapeNamesTheSplit() throws IOException {
    Files.write(folder.resolve("t10k-images-idx3-ubyte"), idx(12, 2, 3, 2));
    Files.write(folder.resolve("t10k-labels-idx1-ubyte"), idx(2, 2));
    var images = open(folder, Split.TEST);

    assertThatThrownBy(() -> images.demand(new ImageShape(1, 3, 5), "model.image is", "set it"))
        .hasMessageStartingWith("The test images in file:" + folder + " are 1x3x2");
  }

  @Test
  void limitAppliesToCountAndRowsButNotToTheDigest() throws IOException {
    writeTen(folder);

    var four = open(folder, Split.TRAIN).lowest(4);

    assertThat(four.count()).isEqualTo(4);
    assertThat(four.rows(spark, 3).collectAsList()).hasSize(4);
    assertThat(four.imagesSha256()).isEqualTo(open(folder, Split.TRAIN).imagesSha256());
  }

  @Test
  void damageIsFoundWhenTheSetIsOpened() throws IOException {
    byte[] corrupt = gzip(idx(150, 10, 3, 5));
    corrupt[corrupt.length - 8] ^= 1;
    Files.write(folder.resolve(IMAGES + ".gz"), corrupt);
    Files.write(folder.resolve(LABELS), idx(10, 10));

    assertThatThrownBy(() -> open(folder, Split.TRAIN))
        .isInstanceOf(DataFailure.class)
        .hasMessageContainingAll(IMAGES + ".gz", "byte 0 (uncompressed)", "CRC32");
  }

  @Test
  void otherDataInAFolderCalledFashionMnistIsRefused() throws IOException {
    Path impostor = Files.createDirectory(folder.resolve("fashion-mnist"));
    writeTen(impostor);

    assertThatThrownBy(() -> open(impostor, Split.TRAIN))
        .isInstanceOf(DataFailure.class)
        .hasMessageContainingAll(
            impostor.resolve(IMAGES) + " is not Fashion-MNIST's",
            "found SHA-256 " + DigestUtils.sha256Hex(idx(150, 10, 3, 5)),
            "expected c59f468a",
            "Install it again");
  }

  @Test
  void otherDataOfTheSameDimensionsIsUsedWithAWarning() throws IOException {
    int length = 10_000 * 28 * 28;
    Files.write(folder.resolve("t10k-images-idx3-ubyte"), idx(length, 10_000, 28, 28));
    Files.write(folder.resolve("t10k-labels-idx1-ubyte"), idx(10_000, 10_000));

    try (var warnings = new Warnings()) {
      var images = open(folder, Split.TEST);

      assertThat(images.fashionMnist()).isFalse();
      assertThat(warnings.messages)
          .singleElement()
          .asString()
          .contains("t10k-images-idx3-ubyte", "other data", images.imagesSha256());
    }
  }

  @Test
  void otherDataOfOtherDimensionsIsUsedWithoutAWarning() throws IOException {
    writeTen(folder);

    try (var warnings = new Warnings()) {
      assertThat(open(folder, Split.TRAIN).fashionMnist()).isFalse();
      assertThat(warnings.messages).isEmpty();
    }
  }

  /** Collects FashionMnist's warnings. */
  private static final class Warnings extends AbstractAppender implements AutoCloseable {
    private final List<String> messages = new ArrayList<>();

    Warnings() {
      super("warnings", null, null, false, Property.EMPTY_ARRAY);
      start();
      logger().addAppender(this);
    }

    private static Logger logger() {
      return (Logger) LogManager.getLogger(FashionMnist.class);
    }

    @Override
    public void append(LogEvent event) {
      if (event.getLevel().equals(Level.WARN)) {
        messages.add(event.getMessage().getFormattedMessage());
      }
    }

    @Override
    public void close() {
      logger().removeAppender(this);
      stop();
    }
  }
}
