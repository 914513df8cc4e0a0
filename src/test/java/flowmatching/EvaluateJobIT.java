package flowmatching;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged job, in processes of its own, started as a user starts it. */
@Computes
class EvaluateJobIT {
  private static final String BUCKET = "images";
  private static final String RUN_DATE = "run-date=2026-11-24";

  @TempDir Path directory;

  /** Of two executors, since each has a part of the sums. */
  @Test
  @Computes(replicas = 2)
  void theShippedNetworksImagesInABucketAreClothes() throws Exception {
    LocalCluster cluster = LocalCluster.in(directory.resolve("cluster"), S3Server.environment());
    try (S3Server server = new S3Server(directory.resolve("server"))) {
      server.createBucket(BUCKET);
      cluster.start(2);
      JobProcess sampling = job("sample.sh", server);
      assertThat(
              sampling.run(
                  cluster.url(),
                  List.of(
                      "sample.model=shipped:fashion-mnist",
                      "sample.output=s3a://images/samples",
                      "sample.run-date=2026-11-24",
                      "sample.count=200",
                      "sample.range-size=50",
                      "sample.batch-size=50",
                      "sample.solver=midpoint",
                      "sample.steps=4",
                      "sample.formats=[parquet,tar]")))
          .as(sampling::log)
          .isZero();

      JobProcess evaluation = job("evaluate.sh", server);
      assertThat(
              evaluation.run(
                  cluster.url(),
                  List.of(
                      "evaluate.samples=s3a://images/samples/" + RUN_DATE,
                      "evaluate.output=s3a://images/figures",
                      "evaluate.bootstrap=none")))
          .as(evaluation::log)
          .isZero();

      Map<String, byte[]> objects = server.objects(BUCKET, "figures/");
      assertThat(objects)
          .containsOnlyKeys("evaluation.json", "samples.png", "nearest.png", "report/index.html");
      JsonNode figures = new ObjectMapper().readTree(objects.get("evaluation.json"));
      assertThat(figures.get("images").asInt()).isEqualTo(200);
      double floor = figures.get("floor").asDouble();
      assertThat(figures.get("distance").asDouble())
          .isBetween(0.5 * floor, floor + 0.2 * figures.get("ceiling").asDouble());
      assertThat(new String(objects.get("report/index.html"), UTF_8)).contains("How good they are");
      assertThat(objects.values())
          .noneMatch(object -> new String(object, UTF_8).contains(S3Server.SECRET));
      assertThat(sampling.log() + evaluation.log()).doesNotContain(S3Server.SECRET);
    } finally {
      cluster.stop();
    }
  }

  @Test
  void whatIsWrongIsASentenceAndAnExitCode() throws Exception {
    JobProcess job = new JobProcess("evaluate.sh", directory);
    assertThat(job.run("local[1]", List.of("evaluate.output=out"))).isEqualTo(2);
    assertThat(job.log()).contains("There are no images to evaluate").doesNotContain("\tat ");

    assertThat(job.run("local[1]", List.of("evaluate.output=out", "evaluate.samples=none")))
        .isEqualTo(4);
    assertThat(job.log()).contains("holds no images of SampleJob").doesNotContain("\tat ");
    assertThat(directory.resolve("out")).isEmptyDirectory();
  }

  /** With credentials in its environment. */
  private JobProcess job(String script, S3Server server) throws IOException {
    return new JobProcess(
        script,
        Files.createDirectories(directory.resolve(script)),
        server.options(),
        S3Server.environment());
  }
}
