package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** A standalone cluster of separate JVMs, by submit/local-cluster.sh and the build's Spark home. */
final class LocalCluster {
  private final SubmitProject scripts;
  private final int port;

  private final Map<String, String> environment;

  private LocalCluster(SubmitProject scripts, int port, Map<String, String> environment) {
    this.scripts = scripts;
    this.port = port;
    this.environment = environment;
  }

  /** One that is not started yet, with its logs in a folder. */
  static LocalCluster in(Path directory) throws IOException {
    return in(directory, Map.of());
  }

  /** One whose processes have further variables in their environment. */
  static LocalCluster in(Path directory, Map<String, String> environment) throws IOException {
    try (var socket = new ServerSocket(0)) {
      return new LocalCluster(SubmitProject.in(directory), socket.getLocalPort(), environment);
    }
  }

  /** Starts workers of one core each. */
  void start(int workers) throws IOException, InterruptedException {
    var started = run("start", Integer.toString(workers), "1");
    assertThat(started.exitCode()).as(started.output()).isZero();
  }

  /**
   * Starts a further worker of one core, which the caller ends. At another address of this machine
   * it is on another host for Spark, which never runs the copy of a slow task on the same.
   */
  Process startWorker(String address) throws IOException {
    var builder =
        new ProcessBuilder(
            Path.of("target/spark/bin/spark-class").toAbsolutePath().toString(),
            "org.apache.spark.deploy.worker.Worker",
            "--host",
            address,
            "--webui-port",
            "0",
            "--cores",
            "1",
            "--work-dir",
            scripts.project().resolve("target/work-" + address).toString(),
            url());
    builder.environment().put("SPARK_LOCAL_IP", address);
    builder.environment().putAll(environment);
    return builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  SubmitProject.Ended run(String... arguments) throws IOException, InterruptedException {
    var all = new HashMap<>(environment);
    all.put("SPARK_HOME", Path.of("target/spark").toAbsolutePath().toString());
    all.put("SPARK_MASTER_PORT", Integer.toString(port));
    return scripts.run("local-cluster.sh", all, arguments);
  }

  String url() {
    return "spark://127.0.0.1:" + port;
  }

  /** The processes of a role: master, worker or executor. */
  List<ProcessId> processes(String role) throws IOException, InterruptedException {
    return processes(run("status"), role);
  }

  /** The processes that start or status has named for a role. */
  static List<ProcessId> processes(SubmitProject.Ended ended, String role) {
    return Pattern.compile("^" + role + ": .*process (\\d+)$", Pattern.MULTILINE)
        .matcher(ended.output())
        .results()
        .map(found -> new ProcessId(Long.parseLong(found.group(1))))
        .toList();
  }

  /** What each executor so far has said. */
  List<String> executorLogs() throws IOException {
    try (var files = Files.walk(scripts.project().resolve("target/local-cluster-" + port))) {
      var logs = new ArrayList<String>();
      for (var file : files.filter(file -> file.endsWith("stderr")).toList()) {
        logs.add(Files.readString(file));
      }
      return logs;
    }
  }

  /** Ends it, where it runs. */
  void stop() throws IOException, InterruptedException {
    run("stop");
  }
}
