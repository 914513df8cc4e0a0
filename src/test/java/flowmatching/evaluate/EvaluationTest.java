package flowmatching.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import flowmatching.Computes;
import flowmatching.SparkSessionExtension;
import flowmatching.data.ImageSet;
import flowmatching.failure.ConfigurationFailure;
import flowmatching.failure.DataFailure;
import flowmatching.failure.Failure;
import flowmatching.image.Image;
import flowmatching.image.Png;
import flowmatching.settings.Job;
import flowmatching.settings.Settings;
import flowmatching.settings.Split;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Real images in the place of samples, in each of SampleJob's formats. */
@ExtendWith(SparkSessionExtension.class)
@Computes
class EvaluationTest {
  private static final String FASHION = "/usr/share/datasets/fashion-mnist";

  private final SparkSession spark;

  @TempDir Path directory;

  EvaluationTest(SparkSession spark) {
    this.spark = spark;
  }

  @Test
  void theFormatOfTheFilesDoesNotMatter() throws IOException {
    List<byte[]> images = images(Split.TRAIN, 700);
    writePngs(images);
    JsonNode png = evaluate("png");
    writeTars(images);
    JsonNode tar = evaluate("tar");
    writeParquet(images);
    JsonNode parquet = evaluate("parquet");
    for (String figure : List.of("distance", "floor", "ceiling", "precision", "recall")) {
      double expected = png.get(figure).asDouble();
      assertThat(tar.get(figure).asDouble()).isCloseTo(expected, withPercentage(1e-7));
      assertThat(parquet.get(figure).asDouble()).isCloseTo(expected, withPercentage(1e-7));
    }
    assertThat(png.get("images").asInt()).isEqualTo(700);
    // They are the very images that the floor is of.
    assertThat(png.get("distance").asDouble())
        .isCloseTo(png.get("floor").asDouble(), withPercentage(1e-7));
    assertThat(png.get("ceiling").asDouble()).isGreaterThan(20 * png.get("floor").asDouble());
    assertThat(png.get("interval").get(0).asDouble())
        .isLessThan(png.get("interval").get(1).asDouble());
    assertThat(png.get("precision").asDouble()).isBetween(0.8, 1.0);
    assertThat(png.get("recall").asDouble()).isBetween(0.8, 1.0);
    assertThat(png.get("class_shares")).hasSize(10);
    assertThat(png.get("warnings")).isEmpty();
  }

  @Test
  void tooFewImagesForACovarianceAreAWarning() throws IOException {
    writePngs(images(Split.TEST, 30));
    JsonNode result = evaluate("png");
    assertThat(result.get("distance").asDouble()).isPositive();
    assertThat(result.get("interval")).isEmpty();
    assertThat(result.get("warnings").toString())
        .contains("30 images have a singular covariance", "too few for an interval");
  }

  @Test
  void oneImageIsRefused() throws IOException {
    writePngs(images(Split.TEST, 1));
    refused(DataFailure.class, "png", "holds 1 images, and a distance needs at least two");
  }

  @Test
  void aFolderWithoutImagesIsRefused() throws IOException {
    Files.createDirectories(directory.resolve("png"));
    Files.writeString(directory.resolve("png/notes.txt"), "none");
    refused(DataFailure.class, "png", "holds no images of SampleJob", "run-date=");
    Files.writeString(directory.resolve("png/identity.json"), "{}");
    refused(DataFailure.class, "png", "a run of SampleJob that has not ended");
  }

  @Test
  void imagesOfAnotherSizeAreRefused() throws IOException {
    List<byte[]> images = images(Split.TEST, 3);
    writePngs(images);
    Files.write(
        directory.resolve("png/png/2.png"), Png.encode(new Image(1, 8, 8, new byte[8 * 8])));
    refused(
        DataFailure.class,
        "png",
        "Image 2 of",
        "2.png is ImageShape[channels=1, height=8, width=8]",
        "data.path");
  }

  @Test
  void aFileThatIsNoImageIsRefused() throws IOException {
    writePngs(images(Split.TEST, 3));
    Files.writeString(directory.resolve("png/png/1.png"), "not a picture");
    refused(DataFailure.class, "png", "Image 1 of", "is no PNG file");
    Files.move(directory.resolve("png/png/1.png"), directory.resolve("png/png/one.png"));
    refused(DataFailure.class, "png", "'", "one.png", "not named by the number of an image");
  }

  @Test
  void featuresThatAreNoNumbersAreRefusedWithTheImage() throws IOException {
    writePngs(images(Split.TEST, 40));
    assertThatThrownBy(() -> evaluate("png", "evaluate.extractor=undefined"))
        .satisfies(
            thrown ->
                assertThat(failure(thrown))
                    .isInstanceOf(DataFailure.class)
                    .hasMessageContaining("has a feature that is NaN"));
  }

  @Test
  void anUnknownExtractorIsRefusedWithThoseThereAre() throws IOException {
    writePngs(images(Split.TEST, 3));
    assertThatThrownBy(() -> evaluate("png", "evaluate.extractor=inception"))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining("evaluate.extractor is inception")
        .hasMessageContaining("fashion-classifier")
        .hasMessageContaining("undefined");
  }

  private void refused(Class<? extends Failure> type, String folder, String... sentence) {
    assertThatThrownBy(() -> evaluate(folder))
        .satisfies(
            thrown -> assertThat(failure(thrown)).isInstanceOf(type).message().contains(sentence));
    assertThat(directory.resolve("figures/evaluation.json")).doesNotExist();
  }

  /** What JobCommand would tell. */
  private static Throwable failure(Throwable thrown) {
    return Stream.iterate(thrown, Throwable::getCause)
        .limit(10)
        .filter(cause -> cause == null || cause instanceof Failure)
        .findFirst()
        .orElseThrow();
  }

  private JsonNode evaluate(String folder, String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "evaluate.samples=" + directory.resolve(folder),
                "evaluate.output=" + directory.resolve("figures"),
                "evaluate.count=700",
                "evaluate.bootstrap=20"));
    arguments.addAll(List.of(more));
    Settings settings = Settings.read(Job.EVALUATE, LocalDate.EPOCH, List.of(), arguments);
    Evaluation.open(spark, settings).run();
    return JsonMapper.builder()
        .build()
        .readTree(directory.resolve("figures/evaluation.json").toFile());
  }

  private List<byte[]> images(Split split, int count) {
    return ImageSet.open(spark, FASHION, split, OptionalInt.of(count))
        .rows(spark, 1)
        .collectAsList()
        .stream()
        .map(row -> Png.encode(new Image(1, 28, 28, row.<byte[]>getAs("pixels"))))
        .toList();
  }

  private void writePngs(List<byte[]> images) throws IOException {
    Path folder = Files.createDirectories(directory.resolve("png/png"));
    for (int id = 0; id < images.size(); id++) {
      Files.write(folder.resolve(id + ".png"), images.get(id));
    }
  }

  private void writeTars(List<byte[]> images) throws IOException {
    Path folder = Files.createDirectories(directory.resolve("tar"));
    int half = images.size() / 2;
    for (int from : new int[] {0, half}) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (var tar = new TarArchiveOutputStream(bytes)) {
        for (int id = from; id < from + half; id++) {
          for (String name : List.of("%09d.png".formatted(id), "%09d.json".formatted(id))) {
            var entry = new TarArchiveEntry(name);
            byte[] content = name.endsWith("png") ? images.get(id) : new byte[2];
            entry.setSize(content.length);
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
          }
        }
      }
      Files.write(folder.resolve("part-%09d.tar".formatted(from)), bytes.toByteArray());
    }
  }

  private void writeParquet(List<byte[]> images) {
    List<Row> rows = new ArrayList<>();
    for (byte[] image : images) {
      rows.add(RowFactory.create((long) rows.size(), image));
    }
    StructType schema =
        new StructType().add("id", DataTypes.LongType).add("png", DataTypes.BinaryType);
    spark
        .createDataFrame(rows, schema)
        .repartition(3)
        .write()
        .parquet(directory.resolve("parquet").toString());
  }
}
