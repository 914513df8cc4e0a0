package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Spark's GPU scheduling of a cluster of two workers with a GPU each, which are made up: the jar
 * for processors computes, and says what Spark gave each process.
 */
@Computes(replicas = 2)
class GpuSchedulingIT {
  /** It is promised within a minute; the rest is for starting JVMs on a busy machine. */
  private static final Duration DEADLINE = Duration.ofSeconds(90);

  @TempDir static Path directory;
  private static LocalCluster cluster;

  /** It waits while the others run, since Spark starts no executor for it. */
  private static Check tooMany;

  @BeforeAll
  static void start() throws Exception {
    assumeThat(Build.backend()).as("made-up cards are for the jar for processors").isEmpty();
    cluster = LocalCluster.in(directory, Map.of("SPARK_WORKER_GPUS", "0,1"));
    cluster.start(2);
    tooMany =
        Check.start(
            "too-many",
            "--conf",
            "spark.executor.resource.gpu.amount=2",
            "--conf",
            "spark.task.resource.gpu.amount=2");
  }

  @AfterAll
  static void stop() throws Exception {
    if (cluster != null) {
      cluster.stop();
    }
    if (tooMany != null) {
      tooMany.process.destroyForcibly();
    }
  }

  @Test
  void eachExecutorHasItsOwnGpuAndOneReplica() throws Exception {
    Check check = Check.start("good");
    assertThat(check.exitCode()).as(check.log()).isZero();
    assertThat(check.log())
        .contains("Checked: 2 replicas on 2 task slots of 2 executors")
        .contains("Spark gave the driver the GPU [0], and this jar computes on processors");
    assertThat(
            Pattern.compile("Spark gave executor (\\d) on 127.0.0.1 the GPU (\\[.*?\\]),")
                .matcher(check.log())
                .results())
        .hasSize(2)
        .extracting(found -> found.group(2))
        .containsExactlyInAnyOrder("[0]", "[1]");
  }

  @Test
  void moreGpusThanAWorkerHas() throws Exception {
    assertThat(tooMany.exitCode()).isEqualTo(3);
    assertThat(tooMany.log())
        .contains("2 task slots are needed, one per replica, and there are 0")
        .contains("free cores, memory and, if Spark schedules them, GPUs")
        .doesNotContain("\tat ");
    assertThat(tooMany.time.join()).isLessThan(DEADLINE);
  }

  @Test
  void aTaskThatAsksForMoreGpusThanItsExecutorHas() throws Exception {
    Check check = Check.start("task", "--conf", "spark.task.resource.gpu.amount=2");
    assertThat(check.exitCode()).isEqualTo(3);
    assertThat(check.log())
        .contains("Spark could not be started: ", "gpu", "check the options in the properties file")
        .doesNotContain("\tat ");
    assertThat(check.time.join()).isLessThan(DEADLINE);
  }

  /** A check of the cluster by TrainJob. */
  private record Check(JobProcess job, Process process, CompletableFuture<Duration> time) {
    static Check start(String name, String... options) throws IOException {
      Path folder = Files.createDirectories(directory.resolve(name));
      Path properties = folder.resolve("gpu-and-train.properties");
      Files.writeString(
          properties,
          String.join(
              "\n",
              Files.readString(Path.of("conf/train.properties")),
              Files.readString(Path.of("conf/gpu.properties")),
              "spark.driver.resource.gpu.discoveryScript "
                  + Path.of("submit/gpu-discovery.sh").toAbsolutePath()));
      List<String> all = new ArrayList<>(List.of("--properties-file", properties.toString()));
      all.addAll(List.of(options));
      JobProcess job =
          new JobProcess("train.sh", folder, all, Map.of("CUDA_VISIBLE_DEVICES", "0,1"));
      long begin = System.nanoTime();
      Process process = job.start(cluster.url(), PreflightIT.TINY);
      return new Check(
          job,
          process,
          process.onExit().thenApply(ended -> Duration.ofNanos(System.nanoTime() - begin)));
    }

    int exitCode() throws InterruptedException {
      assertThat(process.waitFor(3, TimeUnit.MINUTES)).as(job::log).isTrue();
      return process.exitValue();
    }

    String log() {
      return job.log();
    }
  }
}
