package flowmatching.work.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.Computes;
import flowmatching.SparkSessionExtension;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.settings.Job;
import flowmatching.base.settings.Settings;
import flowmatching.base.settings.Source;
import flowmatching.means.model.ModelFolder;
import flowmatching.means.storage.Folder;
import flowmatching.work.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The files of version 0.1.0, which all later versions read; see the README.md beside them. */
@ExtendWith(SparkSessionExtension.class)
@Computes
class FirstReleaseTest {
  private static final Path LEFT = Path.of("src/test/resources/released/0.1.0");

  @TempDir private Path directory;

  @BeforeEach
  void copy() throws IOException {
    try (Stream<Path> files = Files.walk(LEFT)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = directory.resolve(LEFT.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
  }

  @Test
  void itsRunResumes(SparkSession spark) throws IOException {
    Path run = directory.resolve("run");
    List<String> before = Files.readAllLines(run.resolve("metrics.jsonl"));

    TrainingRun.prepare(spark, settings("train.epochs=3")).train();

    assertThat(Files.readAllLines(run.resolve("metrics.jsonl")))
        .hasSize(3)
        .startsWith(before.toArray(String[]::new));
    assertThat(run.resolve("checkpoints/epoch-0003/checkpoint.json")).exists();
    assertThat(run.resolve("report/index.html")).content().contains("Learning");
  }

  @Test
  void itsRunIsRefusedWithOtherSettings(SparkSession spark) {
    Settings other = settings("train.batch-size=8", "train.epochs=3");
    assertThatThrownBy(() -> TrainingRun.prepare(spark, other))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("holds another run: train.batch-size is \"16\" there and 8 now");
  }

  @Test
  void itsModelIsRead() {
    Folder model = Folder.of(directory.resolve("run/checkpoints/epoch-0002").toString(), hadoop());
    assertThat(ModelFolder.read(model).settings()).isEqualTo(settings().model());
  }

  @Test
  void itsEvaluationIsShown() {
    Path evaluation = directory.resolve("evaluation");
    Report.write(Folder.of(evaluation.toString(), hadoop()));
    assertThat(evaluation.resolve("report/index.html")).content().contains("How good they are");
  }

  private Settings settings(String... arguments) {
    String conf =
        """
        data.path = "%s"
        model { image { height = 8, width = 8 }, channels = [8, 8], mid-channels = [8, 8], down-sample = [true] }
        model { attention = [true], heads = 1, groups = 8, time-embedding = 8 }
        train { output = "%s", batch-size = 16, workers = 1, preview { count = 4, steps = 2 } }
        """
            .formatted(directory.resolve("data"), directory.resolve("run"));
    return Settings.read(
        Job.TRAIN, LocalDate.EPOCH, List.of(new Source("run.conf", conf)), List.of(arguments));
  }

  private static Configuration hadoop() {
    return new Configuration();
  }
}
