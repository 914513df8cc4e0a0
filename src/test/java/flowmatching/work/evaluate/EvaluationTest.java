package flowmatching.work.evaluate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Percentage.withPercentage;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import flowmatching.CapturedLog;
import flowmatching.Computes;
import flowmatching.SparkSessionExtension;
import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.failure.Failure;
import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.Job;
import flowmatching.base.settings.ModelSettings;
import flowmatching.base.settings.Settings;
import flowmatching.base.settings.Split;
import flowmatching.means.cluster.TaskSums;
import flowmatching.means.data.ImageSet;
import flowmatching.means.data.SmallFashionMnist;
import flowmatching.means.image.Image;
import flowmatching.means.image.Png;
import flowmatching.means.image.PngWriter;
import flowmatching.means.image.PngWriter.Samples;
import flowmatching.means.model.ModelFolder;
import flowmatching.means.model.TinyModel;
import flowmatching.means.storage.Folder;
import flowmatching.network.dl4j.UNet;
import flowmatching.work.sample.SampleRun;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.logging.log4j.Level;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Evaluates real images as if they were samples, in each of SampleJob's formats. */
@ExtendWith(SparkSessionExtension.class)
@Computes
class EvaluationTest {
  @TempDir static Path fashion;

  private final SparkSession spark;

  @TempDir Path directory;

  EvaluationTest(SparkSession spark) {
    this.spark = spark;
  }

  @BeforeAll
  static void writeDataSet() throws IOException {
    SmallFashionMnist.write(fashion, 5000, 700);
  }

  @Test
  void theFormatOfTheFilesDoesNotMatter() throws IOException {
    List<byte[]> images = images(Split.TRAIN, 600);
    writePngs(images);
    JsonNode png = evaluate("png");
    writeTars(images);
    JsonNode tar = evaluate("tar", "evaluate.bootstrap=none");
    writeParquet(images);
    JsonNode parquet = evaluate("parquet", "evaluate.bootstrap=none");
    for (String figure : List.of("distance", "floor", "ceiling", "precision", "recall")) {
      double expected = png.get(figure).asDouble();
      assertThat(tar.get(figure).asDouble()).isCloseTo(expected, withPercentage(1e-7));
      assertThat(parquet.get(figure).asDouble()).isCloseTo(expected, withPercentage(1e-7));
    }
    assertThat(png.get("images").asInt()).isEqualTo(600);
    // The floor is of the same images.
    assertThat(png.get("distance").asDouble())
        .isCloseTo(png.get("floor").asDouble(), withPercentage(1e-7));
    assertThat(png.get("ceiling").asDouble()).isGreaterThan(20 * png.get("floor").asDouble());
    assertThat(png.get("interval").get(0).asDouble())
        .isLessThan(png.get("interval").get(1).asDouble());
    assertThat(png.get("precision").asDouble()).isBetween(0.8, 1.0);
    assertThat(png.get("recall").asDouble()).isBetween(0.8, 1.0);
    assertThat(png.get("class_shares")).hasSize(10);
    // The first images of Fashion-MNIST are not Fashion-MNIST.
    assertThat(png.get("warnings"))
        .singleElement()
        .satisfies(
            warning ->
                assertThat(warning.asText())
                    .contains(
                        "fashion-classifier is made for Fashion-MNIST",
                        "the images in " + png.get("data").asText() + " are others"));
    assertThat(png.get("nearest"))
        .hasSize(16)
        .allSatisfy(
            nearest -> {
              assertThat(nearest.get("training_image")).isEqualTo(nearest.get("sample"));
              assertThat(nearest.get("distance").asDouble()).isZero();
            });
    var sheet = ImageIO.read(directory.resolve("figures/nearest.png").toFile());
    assertThat(sheet.getWidth()).isGreaterThan(16 * 28);
    assertThat(sheet.getHeight()).isBetween(2 * 28, 3 * 28);
  }

  /** A few files of each type of PNG that can have the same intensities. */
  @Test
  void theTypeOfAPngFileDoesNotMatter() throws IOException {
    List<byte[]> pixels = pixels(Split.TEST, 60);
    for (byte[] image : pixels.subList(0, 20)) {
      for (int i = 0; i < image.length; i++) {
        // Multiples of 17 fit into 4 bits.
        image[i] = (byte) (17 * ((Byte.toUnsignedInt(image[i]) + 8) / 17));
      }
    }
    writePngs(
        pixels.stream()
            .map(image -> Png.encode(new Image(new ImageShape(1, 28, 28), image)))
            .toList());
    JsonNode grey = evaluate("png", "evaluate.bootstrap=none");

    int[] greys = IntStream.range(0, 3 * 256).map(i -> i / 3).toArray();
    List<byte[]> files = new ArrayList<>();
    for (byte[] image : pixels) {
      Samples one = (row, column) -> new int[] {Byte.toUnsignedInt(image[28 * row + column])};
      int kind = files.size() < 20 ? 0 : 1 + files.size() % 4;
      files.add(
          switch (kind) {
            case 0 ->
                PngWriter.of(28, 28, 4, 0)
                    .write((row, column) -> new int[] {one.at(row, column)[0] / 17});
            case 1 -> PngWriter.of(28, 28, 8, 3).withPalette(greys).write(one);
            case 2 ->
                PngWriter.of(28, 28, 16, 0)
                    .withInterlacing()
                    .write((row, column) -> new int[] {257 * one.at(row, column)[0]});
            case 3 ->
                PngWriter.of(28, 28, 8, 4)
                    .write((row, column) -> new int[] {one.at(row, column)[0], 255});
            default ->
                PngWriter.of(28, 28, 8, 2)
                    .write(
                        (row, column) -> {
                          int value = one.at(row, column)[0];
                          return new int[] {value, value, value};
                        });
          });
    }
    writePngs(files);
    // The same bits, because sums are made in the same order.
    assertThat(evaluate("png", "evaluate.bootstrap=none").get("distance"))
        .isEqualTo(grey.get("distance"));
  }

  @Test
  void aPngFileWithoutIntensitiesIsRefused() throws IOException {
    writePngs(images(Split.TEST, 3));
    Path file = directory.resolve("png/png/1.png");
    Files.write(file, PngWriter.of(28, 28, 8, 4).write((row, column) -> new int[] {7, row}));
    refused(DataFailure.class, "png", "Image 1 of", "is transparent");
    Files.write(file, PngWriter.of(28, 28, 8, 2).write((row, column) -> new int[] {1, 2, row}));
    refused(DataFailure.class, "png", "Image 1 of", "has the colour 1, 2, 0");
    // A small file with 256 MB of pixels.
    Files.write(file, PngWriter.of(1 << 14, 1 << 14, 1, 0).write((row, column) -> new int[0]));
    refused(DataFailure.class, "png", "Image 1 of", "is 1x16384x16384", "takes 1x28x28");
  }

  @Test
  void aDuplicateImageIsRefused() throws IOException {
    List<byte[]> images = images(Split.TEST, 20);
    writePngs(images);
    Files.write(directory.resolve("png/png/0017.png"), images.get(0));
    refused(DataFailure.class, "png", "'0017.png' and '17.png' in", "are both image 17");
    writeTars(images);
    Files.copy(directory.resolve("tar/part-000000010.tar"), directory.resolve("tar/part-copy.tar"));
    refused(
        DataFailure.class,
        "tar",
        "Image 10 is in",
        "more than once",
        "in part-000000010.tar and part-copy.tar");
  }

  @Test
  void theLowestIdsThatAreThereAreCompared() throws IOException {
    List<byte[]> images = images(Split.TRAIN, 160);
    LongUnaryOperator sparse = i -> 1_000_000 * i;
    writePngs(images, i -> 10 * i);
    writeTars(images, sparse);
    writeParquet(images, sparse);

    JsonNode png = evaluate("png", "evaluate.count=100", "evaluate.bootstrap=none");
    assertThat(png.get("images").asInt()).isEqualTo(100);
    assertThat(png.get("nearest"))
        .extracting(nearest -> nearest.get("sample").asInt())
        .isEqualTo(IntStream.range(0, 16).mapToObj(i -> 10 * i).toList());
    for (String folder : List.of("tar", "parquet")) {
      JsonNode some = evaluate(folder, "evaluate.count=100", "evaluate.bootstrap=none");
      assertThat(some.get("images").asInt()).isEqualTo(100);
      assertThat(some.get("distance").asDouble())
          .isCloseTo(png.get("distance").asDouble(), withPercentage(1e-7));
      JsonNode all = evaluate(folder, "evaluate.bootstrap=none");
      assertThat(all.get("images").asInt()).isEqualTo(160);
    }
  }

  @Test
  void anotherImageDoesNotReplaceAMissingOneOfARun() throws IOException {
    writePngs(images(Split.TEST, 20));
    Files.writeString(directory.resolve("png/identity.json"), "{\"count\": 20}");
    Files.createFile(directory.resolve("png/_SUCCESS"));
    Files.move(directory.resolve("png/png/5.png"), directory.resolve("png/png/25.png"));
    refused(
        DataFailure.class,
        "png",
        "has only 19 of the first 20 images that its identity.json promises");
  }

  @Test
  void imagesOfAnotherSeedThanThatOfTheirRunAreRefused() throws IOException {
    writeParquet(images(Split.TEST, 20));
    Files.writeString(directory.resolve("parquet/identity.json"), "{\"count\": 20, \"seed\": 9}");
    refused(
        DataFailure.class,
        "parquet",
        "of the seed 1, but identity.json says 9, so another run made it");
  }

  @Test
  void imagesOfAnotherModelThanThatOfTheirRunAreRefused() throws IOException {
    writeParquet(images(Split.TEST, 20));
    Files.writeString(
        directory.resolve("parquet/identity.json"),
        "{\"count\": 20, \"seed\": 1, \"run_sha256\": \"%s\"}"
            .formatted(DigestUtils.sha256Hex("{\"seed\":1}")));
    refused(
        DataFailure.class,
        "parquet",
        "holds images of another model, processor or settings: they have no run_sha256",
        "remove identity.json to evaluate what is there");
  }

  @Test
  void imagesOfAnotherFormatThatAreNotComparedGiveAWarning() throws IOException {
    List<byte[]> images = images(Split.TEST, 30);
    writePngs(images);
    writeTars(images.subList(0, 10));
    Files.move(directory.resolve("png/png"), directory.resolve("tar/png"));
    JsonNode result = evaluate("tar", "evaluate.bootstrap=none");
    assertThat(result.get("images").asInt()).isEqualTo(10);
    assertThat(result.get("warnings").toString())
        .contains("has both *.tar and png/*.png files: only its *.tar files are compared");
  }

  @Test
  void aPathThatIsNotAFolderIsRefused() throws IOException {
    refused(DataFailure.class, "none", "/none holds no images", "it does not exist");
    writePngs(images(Split.TEST, 3));
    refused(DataFailure.class, "png/png/1.png", "/1.png is a file, not a folder", "run-date=");
    Files.createDirectories(directory.resolve("other"));
    Files.writeString(directory.resolve("other/png"), "a file");
    refused(DataFailure.class, "other", "other/png is a file, not a folder");
  }

  @Test
  void aReportFolderThatCannotBeWrittenToIsRefused() throws IOException {
    Files.createDirectories(directory.resolve("figures"));
    Files.writeString(directory.resolve("figures/report"), "not a folder");
    writePngs(images(Split.TRAIN, 20));
    assertThatThrownBy(() -> evaluate("png"))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("report cannot be written to: ");
  }

  @Test
  void withoutAnIntervalNoneIsLogged() throws IOException {
    writePngs(images(Split.TEST, 30));
    try (CapturedLog log = new CapturedLog(Evaluation.class)) {
      evaluate("png", "evaluate.bootstrap=none");
      assertThat(log.messages())
          .anyMatch(message -> message.startsWith("Fréchet distance of 30 images"))
          .noneMatch(message -> message.contains("95 %"));
    }
  }

  @Test
  void imagesThatTheExtractorIsNotMadeForGiveAWarning() throws IOException {
    writePngs(images(Split.TEST, 30));
    try (CapturedLog log = new CapturedLog(Evaluation.class)) {
      evaluate("png", "evaluate.bootstrap=none");
      assertThat(log.events())
          .filteredOn(event -> event.getLevel().equals(Level.WARN))
          .extracting(event -> event.getMessage().getFormattedMessage())
          .anyMatch(message -> message.contains("is made for Fashion-MNIST"));
    }
  }

  @Test
  void aNetworkIsSampledAsBySampleJob() throws IOException {
    writeModel();
    String model = "sample.model=" + directory.resolve("model");
    String output = "sample.output=" + directory.resolve("out");
    String first = "sample.first-id=128";
    Settings sampling =
        Settings.read(
            Job.SAMPLE,
            LocalDate.EPOCH,
            List.of(),
            List.of(model, output, first, "sample.count=150", "sample.steps=2"));
    SampleRun.open(spark, sampling.sample()).complete();
    JsonNode ofFiles =
        evaluate("out/run-date=1970-01-01", "evaluate.count=150", "evaluate.bootstrap=none");

    JsonNode ofNetwork =
        evaluateArguments(
            model,
            first,
            "sample.steps=2",
            "evaluate.count=150",
            "evaluate.bootstrap=none",
            "evaluate.solvers=[\"euler:2\", \"midpoint:1\", \"dopri5:0.5\"]");

    double distance = ofFiles.get("distance").asDouble();
    assertThat(ofNetwork.get("distance").asDouble()).isCloseTo(distance, withPercentage(1e-7));
    JsonNode solvers = ofNetwork.get("solvers");
    assertThat(solvers)
        .extracting(row -> row.get("solver").asText())
        .containsExactly("euler:2", "midpoint:1", "dopri5:0.5");
    assertThat(solvers.get(0).get("distance").asDouble()).isCloseTo(distance, withPercentage(1e-7));
    assertThat(solvers.get(0).get("evaluations").asDouble()).isEqualTo(2);
    assertThat(solvers.get(1).get("evaluations").asDouble()).isEqualTo(2);
    assertThat(solvers.get(2).get("evaluations").asDouble()).isGreaterThan(6);
    assertThat(ofFiles.get("solvers")).isEmpty();

    Path run = directory.resolve("out/run-date=1970-01-01");
    Files.delete(run.resolve("part-000000256-000000277.parquet"));
    assertThatThrownBy(() -> evaluate("out/run-date=1970-01-01", "evaluate.count=150"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining(
            "has only 128 of the first 150 images that its identity.json promises");
    assertThat(ofFiles.at("/provenance/model_sha256").asText())
        .hasSize(64)
        .isEqualTo(ofNetwork.at("/provenance/model_sha256").asText());

    assertThatThrownBy(
            () ->
                evaluate(
                    "out/run-date=1970-01-01",
                    "sample.model=shipped:fashion-mnist",
                    "evaluate.solvers=[\"euler:2\"]"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("are of another network than sample.model, shipped:fashion-mnist");
  }

  @Test
  void aNetworkOfAnotherImageShapeIsRefused() {
    TinyModel.write(directory.resolve("model"), 1, 1);
    assertThatThrownBy(() -> evaluateArguments("sample.model=" + directory.resolve("model")))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("makes images of 1x8x8");
  }

  @Test
  void missingImagesOrAMissingNetworkNameTheSetting() throws IOException {
    assertThatThrownBy(this::evaluateArguments)
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining("evaluate.samples")
        .hasMessageContaining("sample.model");
    writePngs(images(Split.TEST, 3));
    assertThatThrownBy(() -> evaluate("png", "evaluate.solvers=[\"euler:2\"]"))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining("evaluate.solvers are [euler:2]");
  }

  /** Of the extractor's image shape, with the initial weights of training. */
  private void writeModel() {
    ModelSettings settings =
        new ModelSettings(
            new ImageShape(1, 28, 28),
            List.of(8, 16),
            List.of(16, 8),
            16,
            List.of(true),
            List.of(false),
            4,
            8);
    ModelFolder.write(
        Folder.of(
            directory.resolve("model").toString(), spark.sparkContext().hadoopConfiguration()),
        settings,
        UNet.initialParameters(settings, 1));
  }

  @Test
  void tooFewImagesForACovarianceGiveAWarning() throws IOException {
    writePngs(images(Split.TEST, 30));
    JsonNode result = evaluate("png");
    assertThat(result.get("distance").asDouble()).isPositive();
    assertThat(result.get("interval")).isEmpty();
    assertThat(result.get("warnings").toString())
        .contains("30 images have a singular covariance", "too few for an interval");
  }

  @Test
  void theProgressCountsTheImagesOfAllSets() throws IOException {
    writePngs(images(Split.TEST, 30));
    var last = new AtomicReference<Double>();
    var sums = new TaskSums(List.of("images done"), now -> last.set(now.get("images done")));
    spark.sparkContext().addSparkListener(sums);
    try {
      evaluate("png", "evaluate.count=40");
      // Spark updates it later.
      await().untilAsserted(() -> assertThat(last).hasValue(40.0 + 3 * 30));
    } finally {
      spark.sparkContext().removeSparkListener(sums);
    }
  }

  @Test
  void oneImageIsRefused() throws IOException {
    writePngs(images(Split.TEST, 1));
    refused(DataFailure.class, "png", "Images found: 1, among the first 600 ids (evaluate.count)");
  }

  @Test
  void aFolderWithoutImagesIsRefused() throws IOException {
    Files.createDirectories(directory.resolve("png"));
    Files.writeString(directory.resolve("png/notes.txt"), "none");
    refused(DataFailure.class, "png", "holds no images of SampleJob", "run-date=");
    Files.createDirectories(directory.resolve("png/png"));
    refused(DataFailure.class, "png", "holds no images of SampleJob");
    Files.writeString(directory.resolve("png/identity.json"), "{}");
    refused(DataFailure.class, "png", "is an unfinished run of SampleJob");
  }

  @Test
  void imagesOfAnotherSizeAreRefused() throws IOException {
    List<byte[]> images = images(Split.TEST, 3);
    writePngs(images);
    Files.write(
        directory.resolve("png/png/2.png"),
        Png.encode(new Image(new ImageShape(1, 8, 8), new byte[8 * 8])));
    refused(DataFailure.class, "png", "Image 2 of", " is 1x8x8", "takes 1x28x28");
  }

  @Test
  void aFileThatIsNotAnImageIsRefused() throws IOException {
    writePngs(images(Split.TEST, 3));
    Files.writeString(directory.resolve("png/png/1.png"), "not a picture");
    refused(DataFailure.class, "png", "Image 1 of", "is not a PNG file");
    Files.move(directory.resolve("png/png/1.png"), directory.resolve("png/png/one.png"));
    refused(DataFailure.class, "png", "'", "one.png", "not named by the number of an image");
  }

  @Test
  void truncatedFilesAreRefused() throws IOException {
    List<byte[]> images = images(Split.TEST, 20);
    writeTars(images);
    cut(directory.resolve("tar/part-000000000.tar"));
    refused(DataFailure.class, "tar", "part-000000000.tar is a damaged tar file");
    writeParquet(images);
    try (var files = Files.list(directory.resolve("parquet"))) {
      cut(files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow());
    }
    refused(DataFailure.class, "parquet", "is not a complete Parquet object of samples");
  }

  private static void cut(Path file) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2 + 100));
  }

  @Test
  void imagesOfOneClassHaveHighPrecisionAndLowRecall() throws IOException {
    List<Row> trousers =
        ImageSet.open(spark, fashion.toString(), Split.TRAIN)
            .lowest(5000)
            .rows(spark, 1)
            .filter("label = 1")
            .limit(400)
            .collectAsList();
    writePngs(
        trousers.stream()
            .map(
                row ->
                    Png.encode(new Image(new ImageShape(1, 28, 28), row.<byte[]>getAs("pixels"))))
            .toList());
    JsonNode result = evaluate("png", "evaluate.count=300", "evaluate.bootstrap=none");
    // Images with higher ids are ignored.
    assertThat(result.get("images").asInt()).isEqualTo(300);
    assertThat(result.get("precision").asDouble()).isGreaterThan(0.8);
    assertThat(result.get("recall").asDouble()).isLessThan(0.3);
    assertThat(result.get("class_shares").get(1).asDouble()).isGreaterThan(0.9);
    assertThat(result.get("real_class_shares").get(1).asDouble()).isBetween(0.05, 0.15);
    assertThat(result.get("distance").asDouble()).isGreaterThan(result.get("floor").asDouble());
    assertThat(result.get("interval")).isEmpty();
  }

  @Test
  void aFeatureThatIsNotFiniteIsRefusedWithItsImage() throws IOException {
    writePngs(images(Split.TEST, 40));
    assertThatThrownBy(() -> evaluate("png", "evaluate.extractor=undefined"))
        .satisfies(
            thrown ->
                assertThat(failure(thrown))
                    .isInstanceOf(DataFailure.class)
                    .hasMessageContaining("has a feature that is NaN"));
  }

  @Test
  void anUnknownExtractorIsRefusedWithTheKnownOnes() throws IOException {
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

  /** The failure that JobCommand would report. */
  private static Throwable failure(Throwable thrown) {
    return Stream.iterate(thrown, Throwable::getCause)
        .limit(10)
        .filter(cause -> cause == null || cause instanceof Failure)
        .findFirst()
        .orElseThrow();
  }

  private JsonNode evaluate(String folder, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.add("evaluate.samples=" + directory.resolve(folder));
    return evaluateArguments(arguments.toArray(String[]::new));
  }

  private JsonNode evaluateArguments(String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "data.path=" + fashion,
                "evaluate.output=" + directory.resolve("figures"),
                "evaluate.count=600",
                "evaluate.bootstrap=40"));
    arguments.addAll(List.of(more));
    Settings settings = Settings.read(Job.EVALUATE, LocalDate.EPOCH, List.of(), arguments);
    Evaluation.open(spark, settings).run();
    return JsonMapper.builder()
        .build()
        .readTree(directory.resolve("figures/evaluation.json").toFile());
  }

  private List<byte[]> images(Split split, int count) {
    return pixels(split, count).stream()
        .map(pixels -> Png.encode(new Image(new ImageShape(1, 28, 28), pixels)))
        .toList();
  }

  private List<byte[]> pixels(Split split, int count) {
    return ImageSet.open(spark, fashion.toString(), split)
        .lowest(count)
        .rows(spark, 1)
        .collectAsList()
        .stream()
        .map(row -> row.<byte[]>getAs("pixels"))
        .toList();
  }

  private void writePngs(List<byte[]> images) throws IOException {
    writePngs(images, LongUnaryOperator.identity());
  }

  private void writePngs(List<byte[]> images, LongUnaryOperator id) throws IOException {
    Path folder = Files.createDirectories(directory.resolve("png/png"));
    for (int i = 0; i < images.size(); i++) {
      Files.write(folder.resolve(id.applyAsLong(i) + ".png"), images.get(i));
    }
  }

  private void writeTars(List<byte[]> images) throws IOException {
    writeTars(images, LongUnaryOperator.identity());
  }

  private void writeTars(List<byte[]> images, LongUnaryOperator id) throws IOException {
    Path folder = Files.createDirectories(directory.resolve("tar"));
    int half = images.size() / 2;
    for (int from : new int[] {0, half}) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (var tar = new TarArchiveOutputStream(bytes)) {
        for (int i = from; i < from + half; i++) {
          String key = "%09d".formatted(id.applyAsLong(i));
          for (String name : List.of(key + ".png", key + ".json")) {
            var entry = new TarArchiveEntry(name);
            byte[] content = name.endsWith("png") ? images.get(i) : "{}".getBytes(UTF_8);
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
    writeParquet(images, LongUnaryOperator.identity());
  }

  private void writeParquet(List<byte[]> images, LongUnaryOperator id) {
    List<Row> rows = new ArrayList<>();
    for (byte[] image : images) {
      rows.add(RowFactory.create(id.applyAsLong(rows.size()), 1L, image, 7));
    }
    StructType schema =
        new StructType()
            .add("id", DataTypes.LongType)
            .add("seed", DataTypes.LongType)
            .add("png", DataTypes.BinaryType)
            .add("evaluations", DataTypes.IntegerType);
    spark
        .createDataFrame(rows, schema)
        .repartition(3)
        .write()
        .parquet(directory.resolve("parquet").toString());
  }
}
