package flowmatching.work.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import flowmatching.Computes;
import flowmatching.SparkSessionExtension;
import flowmatching.base.settings.Job;
import flowmatching.base.settings.Settings;
import flowmatching.means.data.SmallFashionMnist;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Samples that release 0.1.0 wrote stay readable. */
@ExtendWith(SparkSessionExtension.class)
@Computes
class ReleasedSamplesTest {
  private static final Path SAMPLES =
      Path.of("src/test/resources/released/0.1.0/shipped-samples/run-date=2026-11-30");

  @TempDir private Path directory;
  @TempDir private Path fashion;

  @Test
  void theyAreEvaluated(SparkSession spark) throws IOException {
    SmallFashionMnist.write(fashion, 64, 64);
    Settings settings =
        Settings.read(
            Job.EVALUATE,
            LocalDate.EPOCH,
            List.of(),
            List.of(
                "data.path=" + fashion,
                "evaluate.samples=" + SAMPLES.toAbsolutePath(),
                "evaluate.output=" + directory,
                "evaluate.count=8",
                "evaluate.bootstrap=none"));
    Evaluation.open(spark, settings).run();

    JsonNode result =
        JsonMapper.builder().build().readTree(directory.resolve("evaluation.json").toFile());
    assertThat(result.get("images").asInt()).isEqualTo(8);
    assertThat(result.get("distance").asDouble()).isLessThan(result.get("ceiling").asDouble());
  }
}
