package flowmatching.work.sample;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import flowmatching.Computes;
import flowmatching.SparkSessionExtension;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.format.Json;
import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.Job;
import flowmatching.base.settings.Precision;
import flowmatching.base.settings.Settings;
import flowmatching.means.storage.Folder;
import flowmatching.network.backend.NumericIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A run that release 0.1.0 finished: 9 images in groups of 2 and ranges of 4, in every format. */
@ExtendWith(SparkSessionExtension.class)
@Computes
class FormerSamplesTest {
  private static final String RANGE = "part-000000004-000000007";

  private static final List<Long> IDS = LongStream.range(0, 9).boxed().toList();

  private final SparkSession spark;

  @TempDir Path directory;

  FormerSamplesTest(SparkSession spark) {
    this.spark = spark;
  }

  @BeforeEach
  void copyRun() throws IOException {
    FileUtils.copyDirectory(
        Path.of("src/test/resources/released/0.1.0/samples").toFile(), directory.toFile());
  }

  @Test
  void aRerunOfAFinishedRunDoesNothing() throws IOException {
    var before = files();
    complete();
    assertThat(files()).isEqualTo(before);
  }

  @Test
  void anotherSeedIsRefused() {
    assertThatThrownBy(() -> complete("sample.seed=6"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("of another run: sample.seed is 5 there and 6 now.");
  }

  @Test
  void onlyWhatIsMissingInAnUnfinishedRunIsMade() throws IOException {
    computeAsHere();
    var before = files();
    for (var name : List.of(RANGE + ".parquet", RANGE + ".tar", "manifest.json", "_SUCCESS")) {
      Files.delete(folder().resolve(name));
    }

    complete();

    var after = files();
    assertThat(after.keySet()).isEqualTo(before.keySet());
    for (var name : List.of("identity.json", "part-000000000-000000003.parquet", "png/8.png")) {
      assertThat(after.get(name)).as(name).isEqualTo(before.get(name));
    }
    assertThat(ids()).isEqualTo(IDS);
  }

  @Test
  void itsImagesAreRead() {
    assertThat(ids()).isEqualTo(IDS);
  }

  /** The run was made on another processor, which computes other last bits. */
  private void computeAsHere() throws IOException {
    var file = folder().resolve("identity.json");
    var json = (ObjectNode) new ObjectMapper().readTree(file.toFile());
    json.set("numeric", Json.tree(Json.line(NumericIdentity.useBest(Precision.AUTO))));
    Files.writeString(file, json.toString());
  }

  /** The ids of the images that took three evaluations. */
  private List<Long> ids() {
    var run = Folder.of(folder().toString(), new Configuration());
    return SampleFiles.find(run)
        .images(JavaSparkContext.fromSparkContext(spark.sparkContext()), new ImageShape(1, 8, 8))
        .filter(image -> image.evaluations() == 3)
        .map(IndexedImage::id)
        .sortBy(id -> id, true, 1)
        .collect();
  }

  private void complete(String... changes) {
    var arguments =
        new ArrayList<>(
            List.of(
                "sample.model=" + directory.resolve("model"),
                "sample.output=" + directory,
                "sample.count=9",
                "sample.seed=5",
                "sample.steps=3",
                "sample.batch-size=2",
                "sample.range-size=4",
                "sample.formats=[parquet,png,tar]",
                "sample.grid={columns=4,images=8}"));
    arguments.addAll(List.of(changes));
    var settings = Settings.read(Job.SAMPLE, LocalDate.of(2026, 11, 24), List.of(), arguments);
    SampleRun.open(spark, settings.sample()).complete();
  }

  private Path folder() {
    return directory.resolve("run-date=2026-11-24");
  }

  /** The content of a run's files by their names, one character per byte. */
  private Map<String, String> files() throws IOException {
    var files = new TreeMap<String, String>();
    try (var found = Files.walk(folder())) {
      for (var file : found.filter(Files::isRegularFile).toList()) {
        files.put(folder().relativize(file).toString(), Files.readString(file, ISO_8859_1));
      }
    }
    return files;
  }
}
