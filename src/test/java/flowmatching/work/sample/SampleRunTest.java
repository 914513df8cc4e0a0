package flowmatching.work.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import flowmatching.Computes;
import flowmatching.SparkSessionExtension;
import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.Job;
import flowmatching.base.settings.SampleSettings;
import flowmatching.base.settings.Settings;
import flowmatching.means.model.TinyModel;
import flowmatching.means.storage.Folder;
import flowmatching.means.storage.ObjectStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import javax.imageio.ImageIO;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs of 23 images in groups of 4 and ranges of 8: the last range and the last group are short.
 */
@ExtendWith(SparkSessionExtension.class)
@Computes
class SampleRunTest {
  private static final List<String> OBJECTS =
      List.of(
          "part-000000000-000000007.parquet",
          "part-000000008-000000015.parquet",
          "part-000000016-000000022.parquet");

  private static final List<String> COMMON =
      List.of("identity.json", "manifest.json", "contact-sheet.png", "_SUCCESS");

  private static final List<String> PNGS =
      IntStream.range(0, 23).mapToObj(id -> "png/" + id + ".png").toList();

  private final SparkSession spark;

  @TempDir Path directory;

  SampleRunTest(SparkSession spark) {
    this.spark = spark;
  }

  @BeforeEach
  void writeModel() {
    TinyModel.write(directory.resolve("model"), 1, 1);
  }

  @Test
  void aRunLeavesEachImageAsParquetAndPngAndAManifest() throws IOException {
    complete("a");

    var names = new ArrayList<>(OBJECTS);
    names.addAll(COMMON);
    names.addAll(PNGS);
    var files = files("a");
    assertThat(files.keySet()).containsExactlyInAnyOrderElementsOf(names);
    assertThat(files.get("_SUCCESS")).isEmpty();
    var rows =
        spark
            .read()
            .option("pathGlobFilter", "*.parquet")
            .parquet(folder("a").toString())
            .orderBy("id")
            .collectAsList();
    assertThat(rows).extracting(row -> row.<Long>getAs("id")).isEqualTo(ids(23));
    for (var row : rows) {
      assertThat(row.<Long>getAs("seed")).isEqualTo(5);
      assertThat(row.<byte[]>getAs("png"))
          .isEqualTo(files.get("png/" + row.<Long>getAs("id") + ".png"));
    }
  }

  @Test
  void theImagesDiffer() {
    complete("a");
    var pngs = files("a");
    pngs.keySet().removeIf(name -> !name.startsWith("png/"));
    assertThat(pngs.values().stream().map(Arrays::hashCode).distinct()).hasSize(23);
  }

  @Test
  void theContactSheetShowsTheLowestIdsInTheGrid() throws IOException {
    complete("a");
    var sheet = ImageIO.read(folder("a").resolve("contact-sheet.png").toFile());
    var image = ImageIO.read(folder("a").resolve("png/9.png").toFile());

    assertThat(sheet.getWidth()).isEqualTo(4 * 10 + 2);
    assertThat(sheet.getHeight()).isEqualTo(3 * 10 + 2);
    assertThat(sheet.getRaster().getSamples(12, 22, 8, 8, 0, (int[]) null))
        .isEqualTo(image.getRaster().getSamples(0, 0, 8, 8, 0, (int[]) null));
  }

  @Test
  void theManifestListsTheObjectsAndWhatTheyDependOn() throws IOException {
    complete("a");

    var manifest = Files.readString(folder("a").resolve("manifest.json"));
    assertThat(manifest)
        .contains("\"images\" : 23", "\"velocity_evaluations\" : 69", "\"solver\" : \"EULER\"")
        .contains("\"blas\" : \"", "\"dl4j\" : \"1.0.0-", "\"format_version\" : 1")
        .contains(OBJECTS)
        .contains(DigestUtils.sha256Hex(files("a").get(OBJECTS.get(2))));
  }

  @Test
  void theBytesDependNeitherOnTheOrderOfRangesNorOnWhatWasThereBefore() throws IOException {
    complete("a");
    complete("b");
    for (var name : List.of(OBJECTS.get(0), "png/3.png", "manifest.json", "_SUCCESS")) {
      Files.delete(folder("b").resolve(name));
    }
    complete("b");

    assertThat(files("b"))
        .usingRecursiveComparison()
        .withEqualsForType(Arrays::equals, byte[].class)
        .isEqualTo(files("a"));
  }

  @Test
  void anImageIsTheSameInRangesOfAnotherSize() {
    complete("a");
    complete("b", "sample.range-size=4");
    complete("c", "sample.range-size=40");

    var pngs = files("a");
    pngs.keySet().removeIf(name -> !name.startsWith("png/"));
    pngs.forEach(
        (name, png) -> {
          assertThat(files("b").get(name)).as(name).isEqualTo(png);
          assertThat(files("c").get(name)).as(name).isEqualTo(png);
        });
  }

  @Test
  void anotherSeedGivesOtherImages() {
    complete("a");
    complete("b", "sample.seed=6");
    assertThat(files("b").get("png/0.png")).isNotEqualTo(files("a").get("png/0.png"));
  }

  @Test
  void withoutPngNoPngFilesAreWritten() {
    complete("a");
    complete("b", "sample.formats=[parquet]");
    assertThat(folder("b").resolve("png")).doesNotExist();
    assertThat(files("b").get(OBJECTS.get(1))).isEqualTo(files("a").get(OBJECTS.get(1)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[png]", "[tar]", "[tar, png]", "[parquet]", "[tar, parquet]"})
  void anyFormatsHoldTheSameImages(String formats) throws IOException {
    String solver = "sample.solver=dopri5";
    complete("a", solver, "sample.formats=[parquet, png, tar]");
    complete("b", solver, "sample.formats=" + formats);

    var all = files("a");
    var some = files("b");
    var names = new ArrayList<>(COMMON);
    if (formats.contains("png")) {
      names.addAll(PNGS);
    }
    if (formats.contains("tar")) {
      OBJECTS.forEach(name -> names.add(name.replace("parquet", "tar")));
    }
    if (formats.contains("parquet")) {
      names.addAll(OBJECTS);
    }
    if (formats.equals("[png]")) {
      OBJECTS.forEach(name -> names.add(name.replace("parquet", "json")));
    }
    assertThat(some.keySet()).containsExactlyInAnyOrderElementsOf(names);
    for (var name : some.keySet()) {
      if (name.equals("contact-sheet.png") || (!COMMON.contains(name) && all.containsKey(name))) {
        assertThat(some.get(name)).as(name).isEqualTo(all.get(name));
      }
    }
    var manifest = manifest("b");
    assertThat(manifest.get("images").asInt()).isEqualTo(23);
    assertThat(manifest.get("velocity_evaluations"))
        .isEqualTo(manifest("a").get("velocity_evaluations"));
    assertThat(manifest.get("objects")).hasSize(3);
    for (var object : manifest.get("objects")) {
      var bytes = some.get(object.get("name").asText());
      assertThat(object.get("bytes").asInt()).isEqualTo(bytes.length);
      assertThat(object.get("sha256").asText()).isEqualTo(DigestUtils.sha256Hex(bytes));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"[png]", "[tar]", "[tar, png]", "[tar, parquet]"})
  void anUnfinishedRunOfAnyFormatsContinues(String formats) throws IOException {
    complete("a", "sample.solver=dopri5", "sample.formats=" + formats);
    var undisturbed = files("a");
    for (var name : undisturbed.keySet()) {
      if (name.startsWith("part-000000008-")
          || List.of("png/9.png", "manifest.json", "contact-sheet.png", "_SUCCESS")
              .contains(name)) {
        Files.delete(folder("a").resolve(name));
      }
    }
    var times = age("a");

    complete("a", "sample.solver=dopri5", "sample.formats=" + formats);

    assertThat(files("a"))
        .usingRecursiveComparison()
        .withEqualsForType(Arrays::equals, byte[].class)
        .isEqualTo(undisturbed);
    times.keySet().removeIf(name -> !name.matches("identity.json|part-.*|png/(\\d|1[67]).png"));
    times.keySet().remove("png/8.png");
    assertThat(times).isNotEmpty();
    assertThat(times("a")).containsAllEntriesOf(times);
  }

  /** As by {@code tar xf} and {@code tar cf x.tar .}, in the order of the file system. */
  @Test
  void aRunWithRepackedShardsContinues() throws IOException {
    complete("a", "sample.solver=dopri5", "sample.formats=[tar]");
    complete("b", "sample.solver=dopri5", "sample.formats=[tar]");
    Files.delete(folder("a").resolve("_SUCCESS"));
    Files.delete(folder("a").resolve("manifest.json"));
    Files.delete(folder("a").resolve("contact-sheet.png"));
    Path shard = folder("a").resolve(OBJECTS.get(1).replace("parquet", "tar"));
    Files.write(shard, repacked(Files.readAllBytes(shard)));

    complete("a", "sample.solver=dopri5", "sample.formats=[tar]");

    assertThat(files("a").get("contact-sheet.png")).isEqualTo(files("b").get("contact-sheet.png"));
    assertThat(evaluations("a")).isEqualTo(evaluations("b"));
  }

  private JsonNode evaluations(String run) throws IOException {
    return new ObjectMapper().readTree(files(run).get("manifest.json")).get("velocity_evaluations");
  }

  private static byte[] repacked(byte[] shard) throws IOException {
    Map<String, byte[]> entries = new TreeMap<>(Comparator.reverseOrder());
    try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(shard))) {
      for (var entry = tar.getNextTarEntry(); entry != null; entry = tar.getNextTarEntry()) {
        entries.put("./" + entry.getName(), tar.readAllBytes());
      }
    }
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      tar.putArchiveEntry(new TarArchiveEntry("./"));
      tar.closeArchiveEntry();
      for (var content : entries.entrySet()) {
        var entry = new TarArchiveEntry(content.getKey());
        entry.setSize(content.getValue().length);
        tar.putArchiveEntry(entry);
        tar.write(content.getValue());
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  @ParameterizedTest
  @CsvSource({"[parquet],parquet", "[tar],tar", "[png],json"})
  void anObjectOfAnotherRangeIsRefused(String formats, String extension) throws IOException {
    complete("a", "sample.formats=" + formats);
    Files.delete(folder("a").resolve("_SUCCESS"));
    Files.copy(
        folder("a").resolve(OBJECTS.get(2).replace("parquet", extension)),
        folder("a").resolve(OBJECTS.get(1).replace("parquet", extension)),
        StandardCopyOption.REPLACE_EXISTING);

    assertThatThrownBy(() -> complete("a", "sample.formats=" + formats))
        .hasStackTraceContaining("holds 7 images, but its name says 8: delete it");
  }

  @ParameterizedTest
  @CsvSource({"[parquet],parquet", "[tar],tar", "[png],json"})
  void aPartOfAnotherModelIsRefused(String formats, String extension) throws IOException {
    complete("a", "sample.formats=" + formats);
    TinyModel.write(directory.resolve("model"), 1, 2);
    complete("b", "sample.formats=" + formats);
    String part = OBJECTS.get(1).replace("parquet", extension);
    Files.delete(folder("b").resolve("_SUCCESS"));
    Files.copy(
        folder("a").resolve(part), folder("b").resolve(part), StandardCopyOption.REPLACE_EXISTING);

    assertThatThrownBy(() -> complete("b", "sample.formats=" + formats))
        .hasStackTraceContaining(part + " holds images of another model, processor or settings")
        .hasStackTraceContaining("delete it, and the run makes it again");

    Files.delete(folder("b").resolve(part));
    complete("b", "sample.formats=" + formats);
    assertThat(folder("b").resolve("_SUCCESS")).exists();
  }

  @Test
  void onlyThePicturesThatARunMadeAreReadFromIt() throws IOException {
    complete("a", "sample.formats=[png]");
    var read = SampleFiles.find(Folder.of(folder("a").toString(), new Configuration()));
    var spark = JavaSparkContext.fromSparkContext(this.spark.sparkContext());
    var shape = new ImageShape(1, 8, 8);
    assertThat(read.images(spark, shape).collect())
        .hasSize(23)
        .allMatch(image -> image.evaluations() == 3);

    Files.copy(
        folder("a").resolve("png/1.png"),
        folder("a").resolve("png/9.png"),
        StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> read.images(spark, shape).collect())
        .hasStackTraceContaining("png/9.png is not the picture that the run made");
    assertThat(read.locations(spark).count()).isEqualTo(23);

    Files.delete(folder("a").resolve(OBJECTS.get(0).replace("parquet", "json")));
    var withoutAList = SampleFiles.find(Folder.of(folder("a").toString(), new Configuration()));
    assertThat(withoutAList.images(spark, shape).count()).isEqualTo(23);
  }

  @Test
  void colourImagesAreSampledToo() throws IOException {
    TinyModel.write(directory.resolve("model"), 3, 1);
    complete("a");
    var image = ImageIO.read(folder("a").resolve("png/22.png").toFile());
    assertThat(image.getRaster().getNumBands()).isEqualTo(3);
  }

  @Test
  void aFinishedRunIsLeftAsItIs() throws IOException {
    complete("a");
    var times = age("a");
    complete("a");
    assertThat(times("a")).isEqualTo(times);
  }

  @Test
  void onlyWhatIsMissingInAnUnfinishedRunIsMade() throws IOException {
    complete("a");
    Files.delete(folder("a").resolve(OBJECTS.get(1)));
    Files.delete(folder("a").resolve("_SUCCESS"));
    var before = files("a");
    var times = age("a");
    complete("a");

    assertThat(folder("a").resolve(OBJECTS.get(1))).exists();
    assertThat(folder("a").resolve("_SUCCESS")).exists();
    for (var name : List.of("identity.json", OBJECTS.get(0), OBJECTS.get(2), "png/0.png")) {
      assertThat(times("a")).as(name).containsEntry(name, times.get(name));
    }
    for (var name : List.of("png/8.png", "png/15.png")) {
      assertThat(times("a").get(name)).as(name).isNotEqualTo(times.get(name));
      assertThat(files("a").get(name)).isEqualTo(before.get(name));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "sample.seed=6, sample.seed is 5 there and 6 now",
    "sample.count=24, sample.count is 23 there and 24 now",
    "sample.steps=4, sample.steps is 3 there and 4 now",
    "sample.batch-size=8, sample.batch-size is 4 there and 8 now",
    "sample.range-size=16, sample.range-size is 8 there and 16 now",
    "sample.grid.columns=5, sample.grid.columns is 4 there and 5 now",
    "sample.formats=[parquet], formats is"
  })
  void aRunWithAnotherIdentityUnderTheDateIsRefused(String setting, String difference)
      throws IOException {
    complete("a");
    var times = age("a");

    assertThatThrownBy(() -> complete("a", setting))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining(difference);
    assertThat(times("a")).isEqualTo(times);
  }

  @Test
  void aFinishedRunOfAnotherProcessorIsLeftAsItIs() throws IOException {
    complete("a");
    computeOtherwise("a");
    var times = age("a");
    var folderTime = FileTime.from(Instant.ofEpochSecond(1_000_000_000));
    Files.setLastModifiedTime(directory.resolve("a"), folderTime);

    complete("a");

    assertThat(times("a")).isEqualTo(times);
    assertThat(Files.getLastModifiedTime(directory.resolve("a")))
        .as("no probe was written")
        .isEqualTo(folderTime);
  }

  @Test
  void aFinishedRunOfAnotherProcessorAndSeedIsRefused() throws IOException {
    complete("a");
    computeOtherwise("a");

    assertThatThrownBy(() -> complete("a", "sample.seed=6"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("of another run: sample.seed is 5 there and 6 now.");
  }

  @Test
  void anUnfinishedRunOfAnotherProcessorIsRefused() throws IOException {
    complete("a");
    computeOtherwise("a");
    Files.delete(folder("a").resolve("_SUCCESS"));
    var times = age("a");

    assertThatThrownBy(() -> complete("a"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("unfinished and of another precision, kind of processor or version")
        .hasMessageContaining("numeric.blas is \"Other\" there and \"");
    assertThat(times("a")).isEqualTo(times);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[parquet,png,tar]", "[png,tar]", "[png]"})
  void removedOrEmptiedFilesOfAnUnfinishedRunAreMadeAgain(String formats) throws IOException {
    complete("a", "sample.formats=" + formats);
    var before = files("a");
    Files.delete(folder("a").resolve("_SUCCESS"));
    Files.delete(folder("a").resolve("png/15.png"));
    for (var name : List.of("png/3.png", "contact-sheet.png", "manifest.json")) {
      Files.write(folder("a").resolve(name), new byte[0]);
    }
    if (formats.startsWith("[parquet")) {
      Files.delete(folder("a").resolve("part-000000016-000000022.tar"));
    }

    complete("a", "sample.formats=" + formats);

    assertThat(files("a")).usingRecursiveComparison().isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[parquet,png,tar]", "[parquet,tar]", "[png,tar]", "[png]"})
  void truncatedFilesOfAnUnfinishedRunAreMadeAgain(String formats) throws IOException {
    complete("a", "sample.formats=" + formats);
    var before = files("a");
    Files.delete(folder("a").resolve("_SUCCESS"));
    if (formats.contains("png")) {
      truncate("png/3.png");
    }
    if (formats.startsWith("[parquet")) {
      truncate("part-000000016-000000022.tar");
    }
    var times = age("a");

    complete("a", "sample.formats=" + formats);

    assertThat(files("a")).usingRecursiveComparison().isEqualTo(before);
    times.keySet().removeIf(name -> !name.matches("part-000000008-.*|png/([89]|1[0-5]).png"));
    assertThat(times).isNotEmpty();
    assertThat(times("a")).containsAllEntriesOf(times);
  }

  private void truncate(String name) throws IOException {
    var file = folder("a").resolve(name);
    var bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
  }

  @ParameterizedTest
  @CsvSource({
    "'[png]', png/3.png",
    "'[parquet,png]', png/3.png",
    "'[parquet,tar]', part-000000008-000000015.tar"
  })
  void filesOfOtherRunsBesideAPartAreMadeAgain(String formats, String name) throws IOException {
    complete("a", "sample.formats=" + formats);
    complete("b", "sample.seed=6", "sample.formats=" + formats);
    var before = files("a");
    Files.delete(folder("a").resolve("_SUCCESS"));
    // Of the same length, as tar files of padded pictures may be.
    byte[] other = Arrays.copyOf(files("b").get(name), before.get(name).length);
    Files.write(folder("a").resolve(name), other);

    complete("a", "sample.formats=" + formats);

    assertThat(other).isNotEqualTo(before.get(name));
    assertThat(files("a")).usingRecursiveComparison().isEqualTo(before);
  }

  @Test
  void anIdentityThatWasChangedIsRefused() throws IOException {
    complete("a");
    Files.delete(folder("a").resolve("_SUCCESS"));
    editIdentity("a", "\"steps\" : 3", "\"steps\" : 4");
    assertThatThrownBy(() -> complete("a", "sample.steps=4"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("identity.json was changed: its run_sha256 is not that of");
  }

  @ParameterizedTest
  @CsvSource({"[parquet],parquet", "[tar],tar", "[png],json"})
  void anObjectOfAnotherRangeOfTheSameSizeIsRefused(String formats, String extension)
      throws IOException {
    complete("a", "sample.formats=" + formats);
    Files.delete(folder("a").resolve("_SUCCESS"));
    Files.copy(
        folder("a").resolve(OBJECTS.get(0).replace("parquet", extension)),
        folder("a").resolve(OBJECTS.get(1).replace("parquet", extension)),
        StandardCopyOption.REPLACE_EXISTING);

    assertThatThrownBy(() -> complete("a", "sample.formats=" + formats))
        .hasStackTraceContaining("holds images 0 to 7, but its name says 8 to 15: delete it");
  }

  @Test
  void aRunThatAnotherOneFinishedWithAnotherSeedIsRefused() {
    var run = SampleRun.open(spark, settings("a"));
    complete("a", "sample.seed=6");

    assertThatThrownBy(run::complete)
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("seed is 6 there and 5 now");
  }

  @Test
  void onAStoreWithoutConditionalUploadsRunsOfADateTakeTurns() {
    spark
        .sparkContext()
        .hadoopConfiguration()
        .setClass("fs.gs.impl", ObjectStore.class, FileSystem.class);
    var output = "sample.output=gs://bucket-" + UUID.randomUUID() + "/out";
    try (var first = SampleRun.open(spark, settings("gs", output))) {
      assertThatThrownBy(() -> SampleRun.open(spark, settings("gs", output, "sample.seed=6")))
          .isInstanceOf(EnvironmentFailure.class)
          .hasMessageContaining("Another process writes to gs://")
          .hasMessageContaining("SampleJob of process ");
      first.complete();
    }
    assertThatThrownBy(() -> SampleRun.open(spark, settings("gs", output, "sample.seed=6")))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("seed is 5 there and 6 now");
  }

  @Test
  void anIdentityOfANewerFormatIsRefused() throws IOException {
    complete("a");
    editIdentity("a", "\"format_version\" : 1", "\"format_version\" : 2");

    assertThatThrownBy(() -> complete("a"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("has format version 2, but this program reads versions up to 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "1.5", "\"1\""})
  void anIdentityWithAnInvalidVersionIsRefused(String version) throws IOException {
    complete("a");
    editIdentity("a", "\"format_version\" : 1", "\"format_version\" : " + version);

    assertThatThrownBy(() -> complete("a"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("has format version %s, but versions are positive integers", version);
  }

  @Test
  void anIdentityThatIsNotAnObjectIsRefused() throws IOException {
    complete("a");
    Files.writeString(folder("a").resolve("identity.json"), "[]");

    assertThatThrownBy(() -> complete("a"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("is not a file of SampleJob because it holds no JSON object");
  }

  @Test
  void anotherModelForAnUnfinishedRunIsRefused() throws IOException {
    complete("a");
    Files.delete(folder("a").resolve("_SUCCESS"));
    TinyModel.write(directory.resolve("model"), 1, 2);

    assertThatThrownBy(() -> complete("a"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("model is \"");
  }

  @Test
  void aSeedOfTheRunDateGivesOtherImagesOnEachDate() throws IOException {
    complete("a", "sample.seed=run-date");
    complete("a", "sample.seed=run-date", "sample.run-date=2026-11-25");
    complete("b", "sample.seed=20261124");
    complete("b", "sample.seed=20261125", "sample.run-date=2026-11-25");

    for (var png : PNGS) {
      assertThat(bytes("a", "2026-11-24", png))
          .as(png)
          .isEqualTo(bytes("b", "2026-11-24", png))
          .isNotEqualTo(bytes("a", "2026-11-25", png));
      assertThat(bytes("a", "2026-11-25", png)).as(png).isEqualTo(bytes("b", "2026-11-25", png));
    }
    var identity = manifest("a").get("identity");
    assertThat(identity.get("seed").asLong()).isEqualTo(20_261_124);
    assertThat(identity.get("seed_of_run_date").asBoolean()).isTrue();
    assertThat(manifest("b").get("identity").get("seed_of_run_date").asBoolean()).isFalse();
  }

  @Test
  void howTheSeedWasChosenDoesNotMatter() throws IOException {
    complete("a", "sample.seed=run-date");
    Files.delete(folder("a").resolve("_SUCCESS"));
    complete("a", "sample.seed=20261124");
    assertThat(folder("a").resolve("_SUCCESS")).exists();
  }

  @Test
  void aSeriesContinuesFromTheFirstId() throws IOException {
    complete("a", "sample.count=40");
    complete("b", "sample.count=16");
    complete("b", "sample.count=24", "sample.first-id=16", "sample.run-date=2026-11-25");

    for (int id = 0; id < 40; id++) {
      var png = "png/" + id + ".png";
      assertThat(bytes("b", id < 16 ? "2026-11-24" : "2026-11-25", png))
          .as(png)
          .isEqualTo(bytes("a", "2026-11-24", png));
    }
    for (var object :
        List.of("part-000000016-000000023.parquet", "part-000000032-000000039.parquet")) {
      assertThat(bytes("b", "2026-11-25", object)).isEqualTo(bytes("a", "2026-11-24", object));
    }
    var second = directory.resolve("b/run-date=2026-11-25");
    assertThat(second.resolve("png/15.png")).doesNotExist();
    assertThat(Files.readString(second.resolve("manifest.json"))).contains("\"first_id\" : 16");
    var sheet = ImageIO.read(second.resolve("contact-sheet.png").toFile());
    var image = ImageIO.read(second.resolve("png/16.png").toFile());
    assertThat(sheet.getRaster().getSamples(2, 2, 8, 8, 0, (int[]) null))
        .isEqualTo(image.getRaster().getSamples(0, 0, 8, 8, 0, (int[]) null));
  }

  @Test
  void anotherFirstIdUnderTheDateIsRefused() {
    complete("a");
    assertThatThrownBy(() -> complete("a", "sample.first-id=24"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("sample.first-id is 0 there and 24 now");
  }

  @Test
  void anotherDateIsAnotherRun() {
    complete("a");
    complete("a", "sample.run-date=2026-11-25", "sample.seed=6");
    assertThat(directory.resolve("a/run-date=2026-11-25/_SUCCESS")).exists();
  }

  @Test
  void otherFilesUnderTheDateAreRefused() throws IOException {
    Files.createDirectories(folder("a"));
    Files.writeString(folder("a").resolve("notes.txt"), "mine");

    assertThatThrownBy(() -> complete("a"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("notes.txt");
  }

  @Test
  void openingChecksAndWritesNothing() {
    SampleRun.open(spark, settings("a"));
    assertThat(folder("a")).doesNotExist();
  }

  @Test
  void aMissingModelIsRefused() throws IOException {
    Files.delete(directory.resolve("model/model.json"));
    assertThatThrownBy(() -> complete("a"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("holds no model");
    assertThat(folder("a")).doesNotExist();
  }

  @Test
  void aModelOfTwoChannelsIsRefusedBeforeTheRun() {
    TinyModel.write(directory.resolve("model"), 2, 1);
    assertThatThrownBy(() -> complete("a"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("2 channels");
    assertThat(folder("a")).doesNotExist();
  }

  @Test
  void anOutputThatCannotBeWrittenIsRefusedBeforeTheRun() throws IOException {
    Files.writeString(directory.resolve("a"), "a file");
    assertThatThrownBy(() -> complete("a")).isInstanceOf(EnvironmentFailure.class);
  }

  @Test
  void foldersInTheOutputThatCannotBeWrittenToAreRefusedBeforeTheRun() throws IOException {
    // Not even root can write there.
    var blocked = Path.of("/proc");
    complete("a");
    Files.delete(folder("a").resolve("_SUCCESS"));
    Files.move(folder("a").resolve("png"), directory.resolve("moved"));
    Files.createSymbolicLink(folder("a").resolve("png"), blocked);

    assertThatThrownBy(() -> SampleRun.open(spark, settings("a")))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("run-date=2026-11-24/png cannot be written to: ");
  }

  @Test
  void anOutputThatIsAFileOrALinkToNothingIsNamed() throws IOException {
    Files.writeString(directory.resolve("file"), "mine");
    Files.createSymbolicLink(directory.resolve("link"), directory.resolve("nothing"));
    for (var output : List.of("file", "file/sub/folder")) {
      assertThatThrownBy(() -> complete(output))
          .isInstanceOf(EnvironmentFailure.class)
          .hasMessageContaining("cannot be written to: " + directory.resolve("file"))
          .hasMessageContaining(" is a file, not a folder. Remove it, or give another folder.");
    }
    for (var output : List.of("link", "link/sub")) {
      assertThatThrownBy(() -> complete(output))
          .isInstanceOf(EnvironmentFailure.class)
          .hasMessageContaining(
              "%s is a link to %s"
                  .formatted(directory.resolve("link"), directory.resolve("nothing")))
          .hasMessageContaining("which does not exist. Remove it, or give another folder.");
    }
  }

  @Test
  void aRangeThatDoesNotFitIntoMemoryIsRefused() {
    TinyModel.write(directory.resolve("model"), 3, 1);
    assertThatThrownBy(() -> complete("a", "sample.count=1048576", "sample.range-size=1048576"))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining("sample.range-size = 1048576 makes objects of 192 MB")
        .hasMessageContaining("128 MB are allowed");
  }

  @Test
  void theJobDescriptionIsRestored() {
    spark.sparkContext().setJobDescription("before");
    try {
      complete("a");
      assertThat(spark.sparkContext().getLocalProperty("spark.job.description"))
          .isEqualTo("before");
    } finally {
      spark.sparkContext().setJobDescription(null);
    }
  }

  /** Makes a run's identity that of a machine with another processor. */
  private void computeOtherwise(String output) throws IOException {
    editIdentity(output, "\"blas\" : \".*\"", "\"blas\" : \"Other\"");
    var file = folder(output).resolve("identity.json");
    var content = (ObjectNode) new ObjectMapper().readTree(file.toFile());
    content.put("run_sha256", IdentityFile.digest(content));
    Files.writeString(file, content.toString());
  }

  private void editIdentity(String output, String pattern, String replacement) throws IOException {
    var file = folder(output).resolve("identity.json");
    var before = Files.readString(file);
    var after = before.replaceFirst(pattern, replacement);
    assertThat(after).isNotEqualTo(before);
    Files.writeString(file, after);
  }

  private void complete(String output, String... changes) {
    SampleRun.open(spark, settings(output, changes)).complete();
  }

  private SampleSettings settings(String output, String... changes) {
    var arguments =
        new ArrayList<>(
            List.of(
                "sample.model=" + directory.resolve("model"),
                "sample.output=" + directory.resolve(output),
                "sample.count=23",
                "sample.seed=5",
                "sample.steps=3",
                "sample.batch-size=4",
                "sample.range-size=8",
                "sample.grid={columns=4,images=10}"));
    arguments.addAll(List.of(changes));
    return Settings.read(Job.SAMPLE, LocalDate.of(2026, 11, 24), List.of(), arguments).sample();
  }

  private byte[] bytes(String output, String date, String name) throws IOException {
    return Files.readAllBytes(directory.resolve(output).resolve("run-date=" + date).resolve(name));
  }

  private JsonNode manifest(String output) throws IOException {
    return new ObjectMapper().readTree(folder(output).resolve("manifest.json").toFile());
  }

  private Path folder(String output) {
    return directory.resolve(output).resolve("run-date=2026-11-24");
  }

  private static List<Long> ids(int count) {
    return LongStream.range(0, count).boxed().toList();
  }

  /** The bytes of a run's files by their names. */
  private Map<String, byte[]> files(String output) {
    var files = new TreeMap<String, byte[]>();
    for (var file : list(output)) {
      try {
        files.put(folder(output).relativize(file).toString(), Files.readAllBytes(file));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return files;
  }

  /** Makes a run's files old, so that files which are written again have another time. */
  private Map<String, FileTime> age(String output) throws IOException {
    for (var file : list(output)) {
      Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_000_000_000)));
    }
    return times(output);
  }

  private Map<String, FileTime> times(String output) throws IOException {
    var times = new TreeMap<String, FileTime>();
    for (var file : list(output)) {
      times.put(folder(output).relativize(file).toString(), Files.getLastModifiedTime(file));
    }
    return times;
  }

  private List<Path> list(String output) {
    try (var files = Files.walk(folder(output))) {
      return files.filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
