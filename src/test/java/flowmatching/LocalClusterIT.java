package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import flowmatching.means.model.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real cluster from the Spark home that the build makes, with jobs as a user starts them. */
@Computes(replicas = 2)
class LocalClusterIT {
  @TempDir Path directory;
  private LocalCluster cluster;
  private JobProcess job;

  @BeforeEach
  void makeProject() throws IOException {
    cluster = LocalCluster.in(directory);
    job = new JobProcess("sample.sh", directory);
    TinyModel.write(directory.resolve("model"), 1, 1);
  }

  @AfterEach
  void stop() throws Exception {
    cluster.stop();
  }

  @Test
  void aJobRunsOnAllWorkersAndStopLeavesNothing() throws Exception {
    var started = cluster.run("start", "2", "1");
    assertThat(started.exitCode()).as(started.output()).isZero();
    assertThat(started.output()).contains("train: MASTER=" + cluster.url() + " ");
    var processes =
        Stream.of("master", "worker")
            .flatMap(role -> LocalCluster.processes(started, role).stream())
            .toList();
    assertThat(processes).hasSize(3).allMatch(ProcessId::runs);
    assertThat(cluster.processes("worker")).hasSize(2);

    assertThat(cluster.run("start").output()).startsWith("This cluster runs already.\n");
    assertThat(cluster.run("start", "3").exitCode()).isEqualTo(3);
    assertThat(cluster.run("start", "2", "2").exitCode()).isEqualTo(3);

    assertThat(job.run(cluster.url(), sampling(32))).as(job::log).isZero();

    assertThat(cluster.run("stop").exitCode()).isZero();
    assertThat(processes).noneMatch(ProcessId::runs);
    assertThat(cluster.run("status").exitCode()).isEqualTo(3);
    assertThat(cluster.executorLogs())
        .hasSize(2)
        .allSatisfy(
            log -> assertThat(log).contains("Spark Executor Command").doesNotContain("INFO"));
  }

  @Test
  void stopEndsAnExecutorThatHangsAndHasLostItsWorker() throws Exception {
    assertThat(cluster.run("start", "2", "1").exitCode()).isZero();
    var driver = job.start(cluster.url(), sampling(100_000));
    try {
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofSeconds(1))
          .until(() -> cluster.processes("executor").size() == 2);
      var status = cluster.run("status");
      var processes =
          Stream.of("master", "worker", "executor")
              .flatMap(role -> LocalCluster.processes(status, role).stream())
              .toList();
      signal("STOP", LocalCluster.processes(status, "executor"));
      signal("KILL", LocalCluster.processes(status, "worker"));

      assertThat(cluster.run("status").exitCode()).isEqualTo(3);
      assertThat(cluster.run("stop").exitCode()).isZero();

      assertThat(processes).hasSize(5).noneMatch(ProcessId::runs);
      assertThat(driver.isAlive()).isTrue();
    } finally {
      driver.destroyForcibly();
    }
  }

  private static List<String> sampling(int count) {
    return List.of(
        "sample.model=model",
        "sample.output=out",
        "sample.count=" + count,
        "sample.steps=5",
        "sample.batch-size=8",
        "sample.range-size=16");
  }

  private static void signal(String name, List<ProcessId> processes) throws Exception {
    for (var process : processes) {
      process.signal(name);
    }
  }
}
