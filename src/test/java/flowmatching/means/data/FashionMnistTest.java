package flowmatching.means.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import flowmatching.SparkSessionExtension;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With the real files, as Debian's package installs them. */
@ExtendWith(SparkSessionExtension.class)
class FashionMnistTest {
  private static final Path INSTALLED = Path.of("/usr/share/datasets/fashion-mnist");

  @TempDir private Path folder;
  private SparkSession spark;

  @BeforeEach
  void session(SparkSession session) {
    assumeTrue(
        Files.isDirectory(INSTALLED),
        "Fashion-MNIST is not installed: apt-get install dataset-fashion-mnist");
    spark = session;
  }

  private ImageSet open(Path from, Split split) {
    return ImageSet.open(spark, from.toString(), split);
  }

  @ParameterizedTest
  @CsvSource({"TRAIN, 60000, 9", "TEST, 10000, 9"})
  void installedFilesAreRecognised(Split split, int count, int firstLabel) {
    var images = open(INSTALLED, split);

    assertThat(images.name()).isEqualTo("Fashion-MNIST");
    assertThat(images.count()).isEqualTo(count);
    assertThat(images.shape()).isEqualTo(new ImageShape(1, 28, 28));
    assertThat(images.rows(spark, 2).first().getInt(1)).isEqualTo(firstLabel);
  }

  @Test
  void eachImageIsReadOnceWithAnyNumberOfPartitions() {
    var images = open(INSTALLED, Split.TEST);
    var first = new HashMap<Long, String>();
    images.rows(spark, 1).collectAsList().forEach(row -> first.put(row.getLong(0), content(row)));
    assertThat(first).hasSize(10_000);

    for (int partitions : new int[] {2, 7}) {
      var rows = images.rows(spark, partitions);
      var again = new HashMap<Long, String>();
      rows.collectAsList().forEach(row -> again.put(row.getLong(0), content(row)));

      assertThat(rows.count()).isEqualTo(10_000);
      assertThat(again).isEqualTo(first);
    }
  }

  @Test
  void trainingImagesHaveTenEquallyFrequentLabels() {
    var counts =
        open(INSTALLED, Split.TRAIN).rows(spark, 3).groupBy("label").count().collectAsList();

    assertThat(counts).hasSize(10).allMatch(row -> row.getLong(1) == 6_000);
  }

  @Test
  void changedLabelsInAFolderCalledFashionMnistAreRefused() throws IOException {
    Path copy = Files.createDirectory(folder.resolve("fashion-mnist"));
    try (Stream<Path> files = Files.list(INSTALLED)) {
      for (Path file :
          files.filter(file -> file.getFileName().toString().startsWith("t10k")).toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    Files.write(copy.resolve("t10k-labels-idx1-ubyte"), IdxFixture.idx(10_000, 10_000));

    assertThatThrownBy(() -> open(copy, Split.TEST))
        .isInstanceOf(DataFailure.class)
        .hasMessageContainingAll("t10k-labels-idx1-ubyte is not Fashion-MNIST's", "0402a96d");
  }

  private static String content(Row row) {
    return row.getInt(1) + ":" + DigestUtils.sha256Hex((byte[]) row.get(2));
  }
}
