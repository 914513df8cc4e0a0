package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import flowmatching.model.TinyModel;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real cluster from the Spark home that the build makes, with jobs as a user starts them. */
class LocalClusterIT {
  @TempDir Path directory;
  private SubmitProject scripts;
  private JobProcess job;
  private int port;

  @BeforeEach
  void makeProject() throws IOException {
    scripts = SubmitProject.in(directory);
    job = new JobProcess("sample.sh", directory);
    try (var socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    TinyModel.write(directory.resolve("model"), 1, 1);
  }

  @AfterEach
  void stop() throws Exception {
    cluster("stop");
  }

  @Test
  void aJobRunsOnAllWorkersAndStopLeavesNothing() throws Exception {
    var started = cluster("start", "2", "1");
    assertThat(started.exitCode()).as(started.output()).isZero();
    assertThat(started.output()).contains("train: MASTER=" + url() + " ");
    var processes = Stream.of("master", "worker").flatMap(role -> ids(started, role)).toList();
    assertThat(processes).hasSize(3).allMatch(ProcessId::runs);
    assertThat(ids(cluster("status"), "worker")).hasSize(2);

    assertThat(cluster("start").output()).startsWith("This cluster runs already.\n");
    assertThat(cluster("start", "3").exitCode()).isEqualTo(3);
    assertThat(cluster("start", "2", "2").exitCode()).isEqualTo(3);

    assertThat(job.run(url(), sampling(32))).as(job::log).isZero();

    assertThat(cluster("stop").exitCode()).isZero();
    assertThat(processes).noneMatch(ProcessId::runs);
    assertThat(cluster("status").exitCode()).isEqualTo(3);
    assertThat(executorLogs())
        .hasSize(2)
        .allSatisfy(
            log -> assertThat(log).contains("Spark Executor Command").doesNotContain("INFO"));
  }

  @Test
  void stopEndsAnExecutorThatHangsAndHasLostItsWorker() throws Exception {
    assertThat(cluster("start", "2", "1").exitCode()).isZero();
    var driver = job.start(url(), sampling(100_000));
    try {
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofSeconds(1))
          .until(() -> ids(cluster("status"), "executor").count() == 2);
      var status = cluster("status");
      var processes =
          Stream.of("master", "worker", "executor").flatMap(role -> ids(status, role)).toList();
      signal("STOP", ids(status, "executor"));
      signal("KILL", ids(status, "worker"));

      assertThat(cluster("status").exitCode()).isEqualTo(3);
      assertThat(cluster("stop").exitCode()).isZero();

      assertThat(processes).hasSize(5).noneMatch(ProcessId::runs);
      assertThat(driver.isAlive()).isTrue();
    } finally {
      driver.destroyForcibly();
    }
  }

  private SubmitProject.Ended cluster(String... arguments)
      throws IOException, InterruptedException {
    var environment =
        Map.of(
            "SPARK_HOME", Path.of("target/spark").toAbsolutePath().toString(),
            "SPARK_MASTER_PORT", Integer.toString(port));
    return scripts.run("local-cluster.sh", environment, arguments);
  }

  private String url() {
    return "spark://127.0.0.1:" + port;
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

  /** The processes that start or status names for a role, such as {@code worker}. */
  private static Stream<ProcessId> ids(SubmitProject.Ended ended, String role) {
    return Pattern.compile("^" + role + ": .*process (\\d+)$", Pattern.MULTILINE)
        .matcher(ended.output())
        .results()
        .map(found -> new ProcessId(Long.parseLong(found.group(1))));
  }

  private static void signal(String name, Stream<ProcessId> processes) throws Exception {
    for (var process : processes.toList()) {
      var kill = new ProcessBuilder("kill", "-s", name, Long.toString(process.value())).start();
      assertThat(kill.waitFor(10, TimeUnit.SECONDS)).isTrue();
      assertThat(kill.exitValue()).isZero();
    }
  }

  private List<String> executorLogs() throws IOException {
    try (var files = Files.walk(scripts.project().resolve("target/local-cluster-" + port))) {
      var logs = new ArrayList<String>();
      for (var file : files.filter(file -> file.endsWith("stderr")).toList()) {
        logs.add(Files.readString(file));
      }
      return logs;
    }
  }
}
