package flowmatching.means.data;

import static flowmatching.means.data.IdxFixture.COLOUR_IMAGES;
import static flowmatching.means.data.IdxFixture.IMAGES;
import static flowmatching.means.data.IdxFixture.LABELS;
import static flowmatching.means.data.IdxFixture.gzip;
import static flowmatching.means.data.IdxFixture.idx;
import static flowmatching.means.data.IdxFixture.writeTen;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.common.base.Throwables;
import flowmatching.SparkSessionExtension;
import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.failure.Failure;
import flowmatching.base.settings.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(SparkSessionExtension.class)
class IdxDataSourceTest {
  @TempDir private Path folder;
  private SparkSession spark;

  @BeforeEach
  void session(SparkSession session) {
    spark = session;
  }

  private Dataset<Row> load(Map<String, String> options) {
    return spark.read().format("idx").options(options).load(folder.toString());
  }

  @Test
  void rowsHaveIdLabelAndPixelsAndNoNulls() throws IOException {
    writeTen(folder);

    var rows = load(Map.of());

    assertThat(rows.schema().simpleString()).isEqualTo("struct<id:bigint,label:int,pixels:binary>");
    assertThat(rows.schema().fields()).noneMatch(StructField::nullable);
    Row last = rows.orderBy("id").collectAsList().get(9);
    assertThat(last.getLong(0)).isEqualTo(9);
    assertThat(last.getInt(1)).isEqualTo(9);
    assertThat((byte[]) last.get(2)).isEqualTo(bytes(135, 150));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 10, 64})
  void eachImageIsReadOnceWithAnyNumberOfPartitions(int partitions) throws IOException {
    writeTen(folder);

    var rows = load(Map.of("partitions", Integer.toString(partitions)));

    assertThat(rows.javaRDD().getNumPartitions()).isEqualTo(Math.min(partitions, 10));
    var collected = rows.collectAsList();
    assertThat(collected).hasSize(10);
    for (int id = 0; id < 10; id++) {
      assertThat(collected.get(id).getLong(0)).isEqualTo(id);
      assertThat(collected.get(id).getInt(1)).isEqualTo(id);
      assertThat((byte[]) collected.get(id).get(2)).isEqualTo(bytes(15 * id, 15 * id + 15));
    }
  }

  @Test
  void partitionsDifferByAtMostOneImage() throws IOException {
    writeTen(folder);

    var sizes = load(Map.of("partitions", "4")).javaRDD().glom().map(List::size).collect();

    assertThat(sizes).containsExactly(2, 3, 2, 3);
  }

  @Test
  void partitionsDefaultToTheSessionsParallelism() throws IOException {
    writeTen(folder);

    assertThat(load(Map.of()).javaRDD().getNumPartitions()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"4, 4", "10, 10", "99, 10"})
  void limitReadsTheFirstImages(int limit, int expected) throws IOException {
    writeTen(folder);

    var ids =
        load(Map.of("limit", Integer.toString(limit))).collectAsList().stream()
            .map(row -> row.getLong(0));

    assertThat(ids).containsExactlyElementsOf(LongStream.range(0, expected).boxed().toList());
  }

  @Test
  void gzipAndPlainFilesGiveTheSameRows() throws IOException {
    writeTen(folder);
    var plain = load(Map.of("partitions", "3")).collectAsList();
    for (String name : List.of(IMAGES, LABELS)) {
      Files.write(folder.resolve(name + ".gz"), gzip(Files.readAllBytes(folder.resolve(name))));
      Files.delete(folder.resolve(name));
    }

    var compressed = load(Map.of("partitions", "3")).collectAsList();

    assertThat(compressed).usingRecursiveComparison().isEqualTo(plain);
  }

  @Test
  void plainFileIsPreferredToGzip() throws IOException {
    writeTen(folder);
    Files.write(folder.resolve(IMAGES + ".gz"), new byte[] {1, 2, 3});

    assertThat(load(Map.of()).collectAsList()).hasSize(10);
  }

  @Test
  void testSplitIsReadFromItsOwnFiles() throws IOException {
    writeTen(folder);
    Files.write(folder.resolve("t10k-images-idx3-ubyte"), idx(8, 2, 2, 2));
    Files.write(folder.resolve("t10k-labels-idx1-ubyte"), idx(2, 2));

    assertThat(load(Map.of("split", "test")).collectAsList()).hasSize(2);
  }

  @Test
  void colourImagesAreReadChannelByChannel() throws IOException {
    Files.write(folder.resolve(COLOUR_IMAGES), idx(36, 2, 3, 2, 3));
    Files.write(folder.resolve(LABELS), idx(2, 2));

    var rows = load(Map.of()).orderBy("id").collectAsList();

    assertThat((byte[]) rows.get(0).get(2)).isEqualTo(bytes(0, 18));
    assertThat((byte[]) rows.get(1).get(2)).isEqualTo(bytes(18, 36));
  }

  @Test
  void greyAndColourImagesInOneFolderAreRefused() throws IOException {
    writeTen(folder);
    Files.write(folder.resolve(COLOUR_IMAGES), idx(450, 10, 3, 3, 5));

    assertThatThrownBy(() -> load(Map.of()))
        .isInstanceOf(DataFailure.class)
        .hasMessageContainingAll(IMAGES, COLOUR_IMAGES, "only one can be the images");
  }

  @Test
  void missingFolderIsReportedWithTheFilesAndHowToGetThem() {
    assertThatThrownBy(() -> spark.read().format("idx").load(folder.resolve("absent").toString()))
        .isInstanceOf(DataFailure.class)
        .hasMessageContainingAll(
            folder.resolve("absent").toString(),
            "no train split",
            IMAGES + ".gz",
            COLOUR_IMAGES,
            "apt-get install dataset-fashion-mnist",
            "/usr/share/datasets/fashion-mnist",
            "submit/quickstart.sh --download");
  }

  @Test
  void missingLabelsAreReported() throws IOException {
    writeTen(folder);
    Files.delete(folder.resolve(LABELS));

    assertThatThrownBy(() -> load(Map.of()))
        .isInstanceOf(DataFailure.class)
        .hasMessageContainingAll(LABELS + " or " + LABELS + ".gz", "submit/quickstart.sh");
  }

  @Test
  void differentNumbersOfImagesAndLabelsAreRefused() throws IOException {
    writeTen(folder);
    Files.write(folder.resolve(LABELS), idx(9, 9));

    assertThatThrownBy(() -> load(Map.of()))
        .isInstanceOf(DataFailure.class)
        .hasMessageContainingAll(LABELS + ", byte 4: found 9 labels", IMAGES + ": 10");
  }

  @Test
  void fileWithoutReadPermissionIsAnEnvironmentFailure() throws IOException {
    writeTen(folder);
    spark
        .sparkContext()
        .hadoopConfiguration()
        .set("fs.forbidden.impl", ForbiddenFileSystem.class.getName());

    assertThatThrownBy(() -> spark.read().format("idx").load("forbidden://" + folder))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContainingAll("forbidden:", "cannot be read: Permission denied", "may read it");
  }

  @Test
  void localFileWithoutReadPermissionIsNotReportedAsMissing() throws IOException {
    writeTen(folder);
    spark
        .sparkContext()
        .hadoopConfiguration()
        .set("fs.unopenable.impl", UnopenableFileSystem.class.getName());

    assertThatThrownBy(() -> spark.read().format("idx").load("unopenable://" + folder))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContainingAll("cannot be read", "(Permission denied)", "may read it");
  }

  /** A loop of links stands for a folder without search permission, which root always has. */
  @Test
  void folderThatCannotBeSearchedIsNotReportedAsEmpty() throws IOException {
    Path loop = folder.resolve("loop");
    Files.createSymbolicLink(loop, loop);

    assertThatThrownBy(() -> spark.read().format("idx").load(loop.toString()))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContainingAll("loop/" + IMAGES, "cannot be read");
  }

  @ParameterizedTest
  @ValueSource(strings = {"fa-IR", "ar-EG-u-nu-arab", "bn", "mr", "ne"})
  void filesAreFoundWhateverTheDigitsOfTheLocale(String language) throws IOException {
    writeTen(folder);
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag(language));
    try {
      assertThat("%d".formatted(7)).isNotEqualTo("7");
      assertThat(load(Map.of()).count()).isEqualTo(10);
      Files.write(folder.resolve(IMAGES), idx(12, 1, 3, 2, 2));
      assertThatThrownBy(() -> load(Map.of())).hasMessageContaining("rename the file to idx4.");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void aLinkToNothingAndAFolderInPlaceOfAFileAreExplained() throws IOException {
    Files.createSymbolicLink(folder.resolve(IMAGES), folder.resolve("not-mounted"));
    assertThatThrownBy(() -> load(Map.of()))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining(IMAGES + " is a link to nothing: restore what it names.");
    Files.delete(folder.resolve(IMAGES));
    writeTen(folder);
    Files.delete(folder.resolve(LABELS));
    Files.createDirectory(folder.resolve(LABELS + ".gz"));
    assertThatThrownBy(() -> load(Map.of()))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining(LABELS + ".gz is a folder, not a file.");
  }

  @Test
  void danglingLinkIsListedAsContent() throws IOException {
    Files.createSymbolicLink(folder.resolve(IMAGES), folder.resolve("not-mounted"));

    assertThatThrownBy(() -> load(Map.of()))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("It has %s.".formatted(IMAGES));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".gz"})
  void fileSystemThatFailsMidwayIsNotReportedAsDamage(String suffix) throws IOException {
    Files.write(folder.resolve(LABELS), idx(10, 10));
    byte[] images = idx(150, 10, 3, 5);
    Files.write(folder.resolve(IMAGES + suffix), suffix.isEmpty() ? images : gzip(images));
    spark
        .sparkContext()
        .hadoopConfiguration()
        .set("fs.failing.impl", FailingFileSystem.class.getName());
    Dataset<Row> rows = spark.read().format("idx").load("failing://" + folder);

    assertThat(Throwables.getCausalChain(catchThrowable(rows::collectAsList)))
        .filteredOn(Failure.class::isInstance)
        .singleElement()
        .isInstanceOf(EnvironmentFailure.class)
        .asString()
        .contains(IMAGES + suffix + " cannot be read: the disk is gone")
        .doesNotContain("damaged");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".gz"})
  void staleChecksumFilesBesideLocalFilesAreIgnored(String suffix) throws IOException {
    byte[] images = idx(150, 10, 3, 5);
    Files.write(folder.resolve(LABELS), idx(10, 10));
    Files.write(folder.resolve(IMAGES + suffix), suffix.isEmpty() ? images : gzip(images));
    for (String name : List.of(IMAGES + suffix, LABELS)) {
      byte[] ofOtherContent = {'c', 'r', 'c', 0, 0, 0, 2, 0, 1, 2, 3, 4};
      Files.write(folder.resolve("." + name + ".crc"), ofOtherContent);
    }

    assertThat(load(Map.of()).collectAsList()).hasSize(10);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".gz"})
  void namesMayHaveADotBeforeIdx(String suffix) throws IOException {
    byte[] images = idx(150, 10, 3, 5);
    byte[] labels = idx(10, 10);
    Files.write(
        folder.resolve("train-images.idx3-ubyte" + suffix),
        suffix.isEmpty() ? images : gzip(images));
    Files.write(
        folder.resolve("train-labels.idx1-ubyte" + suffix),
        suffix.isEmpty() ? labels : gzip(labels));
    // A widespread archive has folders with the names of the files.
    Files.createDirectory(folder.resolve(IMAGES));

    assertThat(load(Map.of()).collectAsList()).hasSize(10);
  }

  @Test
  void nameWithADashIsPreferredToADot() throws IOException {
    writeTen(folder);
    Files.write(folder.resolve("train-images.idx3-ubyte"), idx(450, 10, 9, 5));

    assertThat((byte[]) load(Map.of()).first().get(2)).hasSize(15);
  }

  @ParameterizedTest
  @ValueSource(strings = {"two words", "100%41", "a#b", "a:b", "[ab]", "a*", "{a,b}", "?", "ü"})
  void folderNamesAreNotPatterns(String name) throws IOException {
    Path special = Files.createDirectory(folder.resolve(name));
    writeTen(special);
    var opened = ImageSet.open(spark, special + "/", Split.TRAIN).rows(spark, 2);

    assertThat(opened.collectAsList()).hasSize(10);
  }

  @Test
  void linksToFilesAreFollowed() throws IOException {
    writeTen(folder);
    Path links = Files.createDirectory(folder.resolve("links"));
    for (String name : List.of(IMAGES, LABELS)) {
      Files.createSymbolicLink(links.resolve(name), folder.resolve(name));
    }

    assertThat(spark.read().format("idx").load(links.toString()).count()).isEqualTo(10);
  }

  @Test
  void missingFilesAreReportedWithTheFoldersContent() throws IOException {
    Files.write(folder.resolve("train-images.npy"), new byte[1]);

    assertThatThrownBy(() -> load(Map.of()))
        .isInstanceOf(DataFailure.class)
        .hasMessageContainingAll(
            "train-images.idx3-ubyte", "train-images.idx4-ubyte.gz", "It has train-images.npy.");
  }

  @Test
  void fileInsteadOfAFolderIsReported() throws IOException {
    writeTen(folder);

    assertThatThrownBy(() -> spark.read().format("idx").load(folder.resolve(IMAGES).toString()))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("It is a file, not a folder.");
  }

  @Test
  void emptyAndMissingFoldersAreDistinguished() {
    assertThatThrownBy(() -> load(Map.of())).hasMessageContaining("The folder is empty.");
    assertThatThrownBy(() -> spark.read().format("idx").load(folder + "/none"))
        .hasMessageContaining("The folder does not exist.");
  }

  @Test
  void emnistsFilesAreExplained() throws IOException {
    Files.write(folder.resolve("emnist-letters-train-images-idx3-ubyte.gz"), new byte[1]);

    assertThatThrownBy(() -> load(Map.of()))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("EMNIST's images are transposed");
  }

  @Test
  void qmnistsFilesAreExplained() throws IOException {
    Files.write(folder.resolve(IMAGES), idx(150, 10, 3, 5));
    Files.write(folder.resolve("qmnist-train-labels-idx2-int.gz"), new byte[1]);

    assertThatThrownBy(() -> load(Map.of()))
        .isInstanceOf(DataFailure.class)
        .hasMessageContainingAll("Labels are needed", "QMNIST's labels are [N, 8]");
  }

  @Test
  void damageFoundByATaskReachesTheDriverAsADataFailure() throws IOException {
    writeTen(folder);
    byte[] truncated = gzip(idx(149, 10, 3, 5));
    Files.write(folder.resolve(IMAGES + ".gz"), truncated);
    Files.delete(folder.resolve(IMAGES));
    var rows = load(Map.of());

    assertThat(Throwables.getCausalChain(catchThrowable(rows::collectAsList)))
        .filteredOn(DataFailure.class::isInstance)
        .singleElement()
        .asString()
        .contains(
            IMAGES + ".gz, byte 165 (uncompressed): found the end of the file",
            "expected 1 more bytes");
  }

  @Test
  void dataAfterTheLastImageFailsTheTaskThatReadsIt() throws IOException {
    writeTen(folder);
    Files.write(folder.resolve(IMAGES + ".gz"), gzip(idx(151, 10, 3, 5)));
    Files.delete(folder.resolve(IMAGES));
    var rows = load(Map.of());

    assertThat(Throwables.getCausalChain(catchThrowable(rows::collectAsList)))
        .filteredOn(DataFailure.class::isInstance)
        .singleElement()
        .asString()
        .contains("byte 166 (uncompressed): found more data");
  }

  @Test
  void fileReplacedAfterPlanningIsRefused() throws IOException {
    writeTen(folder);
    var rows = load(Map.of());
    Files.write(folder.resolve(IMAGES), idx(150, 10, 5, 3));

    assertThat(Throwables.getCausalChain(catchThrowable(rows::collectAsList)))
        .filteredOn(DataFailure.class::isInstance)
        .singleElement()
        .asString()
        .contains("found dimensions [10, 5, 3]", "[10, 3, 5], as when the read was planned");
  }

  @ParameterizedTest
  @CsvSource({
    "limit, 0",
    "limit, -1",
    "limit, many",
    "partitions, 0",
    "partitions, 2147483648",
  })
  void optionOutOfRangeIsReportedWithItsValue(String name, String value) {
    assertThatThrownBy(() -> load(Map.of(name, value)))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContainingAll("option " + name, "\"" + value + "\"", "from 1 to 2147483647");
  }

  @Test
  void onlyTheDigitsOfAsciiAreNumbers() {
    assertThatThrownBy(() -> load(Map.of("limit", "\uff16\uff14")))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining("option limit");
  }

  @Test
  void unknownOptionIsReported() {
    assertThatThrownBy(() -> load(Map.of("splt", "test")))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContainingAll("no option splt", "split");
  }

  @Test
  void unknownSplitIsReported() {
    assertThatThrownBy(() -> load(Map.of("split", "validation")))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContainingAll("\"validation\"", "train and test");
  }

  @Test
  void loadWithoutFolderIsRefused() {
    assertThatThrownBy(() -> spark.read().format("idx").load())
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining("load(folder)");
  }

  @Test
  void invalidPathIsRefused() {
    assertThatThrownBy(() -> spark.read().format("idx").load("s3a:images"))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining("\"s3a:images\", which is not a path or URI");
  }

  private static byte[] bytes(int from, int until) {
    var bytes = new byte[until - from];
    IntStream.range(from, until).forEach(i -> bytes[i - from] = (byte) i);
    return bytes;
  }
}
