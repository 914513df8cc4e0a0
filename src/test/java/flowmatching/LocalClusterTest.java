package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What submit/local-cluster.sh says and ends where no cluster comes up. */
class LocalClusterTest {
  private static final String SCRIPT = "local-cluster.sh";

  @TempDir Path directory;
  private SubmitProject scripts;
  private String port;
  private final List<Process> processes = new ArrayList<>();

  @BeforeEach
  void makeProject() throws IOException {
    scripts = SubmitProject.in(directory);
    try (var socket = listening()) {
      port = Integer.toString(socket.getLocalPort());
    }
  }

  @AfterEach
  void endProcesses() {
    processes.forEach(Process::destroyForcibly);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "restart", "status now", "start 1 2 3"})
  void anUnknownCommandIsASentenceWithTheKnownOnes(String arguments) throws Exception {
    var ended = cluster(arguments.split(" "));

    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(ended.output())
        .startsWith(
            "Say start [WORKERS [CORES]], status or stop, not '%s'. See ".formatted(arguments))
        .endsWith(SCRIPT + " --help.\n")
        .hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "two", "-1", "1.5", "100", "08", "1 0"})
  void workersAndCoresAreWholeNumbers(String numbers) throws Exception {
    var ended = cluster(("start " + numbers).split(" "));

    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(ended.output())
        .contains("is not a number of workers or cores: it must be a whole number from 1 to 99.")
        .hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "80", "65536", "tcp://10.0.0.1:7077"})
  void aPortThatSparkCannotHaveIsASentence(String wrong) throws Exception {
    var ended = scripts.run(SCRIPT, Map.of("SPARK_MASTER_PORT", wrong), "start");

    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(ended.output())
        .startsWith("SPARK_MASTER_PORT is '%s': it must be".formatted(wrong))
        .hasLineCount(1);
  }

  @Test
  void eachWorkerHasOneGpu() throws Exception {
    for (String wrong : List.of("0", "0,1,2", "1,1")) {
      var ended = scripts.run(SCRIPT, Map.of("SPARK_WORKER_GPUS", wrong), "start", "2");
      assertThat(ended.exitCode()).isEqualTo(2);
      assertThat(ended.output())
          .startsWith(
              "SPARK_WORKER_GPUS is '%s', which does not name a different GPU for each of 2 workers."
                  .formatted(wrong))
          .hasLineCount(1);
    }
    for (String wrong : List.of("two", "*", "")) {
      var ended = scripts.run(SCRIPT, Map.of("SPARK_WORKER_GPUS", "0," + wrong + ",1"), "start");
      assertThat(ended.exitCode()).isEqualTo(2);
      assertThat(ended.output())
          .startsWith("SPARK_WORKER_GPUS names '%s', which is not a GPU".formatted(wrong))
          .hasLineCount(1);
    }
  }

  @Test
  void helpIsTheCommentOfTheScript() throws Exception {
    var ended = cluster("--help");

    assertThat(ended.exitCode()).isZero();
    assertThat(ended.output())
        .startsWith("A standalone Spark cluster on this machine")
        .contains("start [WORKERS [CORES]]", "SPARK_MASTER_PORT", "SPARK_WORKER_MEMORY")
        .doesNotContain("set -");
  }

  @Test
  void whereNothingRunsStatusSaysSoAndStopIsContent() throws Exception {
    var status = cluster("status");
    assertThat(status.exitCode()).isEqualTo(3);
    assertThat(status.output()).startsWith("No cluster runs at " + url() + ":").hasLineCount(1);

    assertThat(cluster("stop"))
        .isEqualTo(new SubmitProject.Ended(0, "No cluster runs at " + url() + ".\n"));
  }

  @Test
  void aFolderThatIsNoSparkHomeIsASentence() throws Exception {
    var ended =
        scripts.run(SCRIPT, Map.of("SPARK_MASTER_PORT", port, "SPARK_HOME", "/nowhere"), "start");

    assertThat(ended.exitCode()).isEqualTo(3);
    assertThat(ended.output()).startsWith("/nowhere is not a Spark home").hasLineCount(1);
  }

  @Test
  void aPortThatIsTakenIsASentence() throws Exception {
    try (var socket = listening()) {
      port = Integer.toString(socket.getLocalPort());
      var ended = cluster("start");

      assertThat(ended.exitCode()).isEqualTo(3);
      assertThat(ended.output())
          .startsWith("Port " + port + " is taken by a process")
          .contains("set SPARK_MASTER_PORT to a free port")
          .hasLineCount(1);
    }
  }

  @Test
  void aMasterThatEndsIsReportedWithItsLog() throws Exception {
    sparkClass("echo 'out of luck'; exit 1");

    var ended = cluster("start");

    assertThat(ended.exitCode()).isEqualTo(3);
    assertThat(ended.lines())
        .containsExactly(
            "No cluster was started: its master ended. The end of %s/master.log:"
                .formatted(folder()),
            "out of luck");
  }

  @Test
  void aWorkerThatDoesNotRegisterIsGivenUpAndNothingIsLeft() throws Exception {
    replace("start_seconds=60", "start_seconds=2");
    sparkClass("echo $$ >>\"$(dirname \"$0\")/ids\"; echo 'New state: ALIVE'; exec sleep 600");

    var ended = cluster("start", "2");

    assertThat(ended.exitCode()).isEqualTo(3);
    assertThat(ended.output()).contains("its worker-1 was not ready within 2 s");
    var ids = Files.readAllLines(scripts.project().resolve("target/spark/bin/ids"));
    assertThat(ids).hasSize(3).noneMatch(id -> new ProcessId(Long.parseLong(id)).runs());
  }

  @Test
  void aStartThatIsInterruptedLeavesNothing() throws Exception {
    sparkClass("echo $$ >>\"$(dirname \"$0\")/ids\"; exec sleep 600");
    var ids = scripts.project().resolve("target/spark/bin/ids");

    var start =
        scripts.start(
            scripts.project().resolve("submit").resolve(SCRIPT),
            Map.of("SPARK_MASTER_PORT", port),
            "start");
    processes.add(start);
    while (start.isAlive() && !(Files.exists(ids) && Files.size(ids) > 1)) {
      Thread.sleep(50);
    }
    start.destroy();

    assertThat(start.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(start.exitValue()).isEqualTo(128 + 15);
    assertThat(Files.readAllLines(ids))
        .hasSize(1)
        .noneMatch(id -> new ProcessId(Long.parseLong(id)).runs());
  }

  @Test
  void aFolderThatCannotBeMadeIsASentence() throws Exception {
    Path home = directory.resolve("spark");
    SubmitProject.printingSparkHome(home);
    Path target = scripts.project().resolve("target");
    Files.move(target, directory.resolve("elsewhere"));
    Files.createFile(target);

    var ended =
        scripts.run(
            SCRIPT, Map.of("SPARK_MASTER_PORT", port, "SPARK_HOME", home.toString()), "start");

    assertThat(ended.exitCode()).isEqualTo(3);
    assertThat(ended.lines())
        .last()
        .asString()
        .startsWith("The folder " + folder() + " cannot be made: see that this user can write to");
  }

  @Test
  void aProcessThatHeedsNoSignalIsKilled() throws Exception {
    replace("end_seconds=15", "end_seconds=1");
    var deaf = process("trap '' TERM; echo ready; while :; do sleep 1; done", mark());

    var ended = cluster("stop");

    assertThat(ended)
        .isEqualTo(new SubmitProject.Ended(0, "The cluster at " + url() + " has ended.\n"));
    assertThat(deaf.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(deaf.exitValue()).isEqualTo(128 + 9);
  }

  @Test
  void processesThatOnlyLookLikeTheClustersAreLeftAlone() throws Exception {
    Files.createDirectories(folder().resolve("work"));
    var looksLikeAWorker =
        process(
            "cd '%s/work'; echo ready; read -r # org.apache.spark.deploy.worker.Worker --cores 1"
                .formatted(folder()),
            "SPARK_WORKER_DIR=" + folder() + "/work/other");
    var another = process("echo ready; read -r", mark().replace(port, port + "0"));
    var own = process("echo ready; read -r", mark());

    assertThat(cluster("stop").exitCode()).isZero();

    assertThat(own.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(looksLikeAWorker.isAlive()).isTrue();
    assertThat(another.isAlive()).isTrue();
  }

  @Test
  void whatIsLeftOfAClusterIsNoCluster() throws Exception {
    process("echo ready; read -r", mark());

    assertThat(cluster("status").exitCode()).isEqualTo(3);
    assertThat(cluster("status").output()).contains("only what is left of a cluster");
    var start = cluster("start");
    assertThat(start.exitCode()).isEqualTo(3);
    assertThat(start.output()).contains("what is left of one").hasLineCount(1);
  }

  private SubmitProject.Ended cluster(String... arguments)
      throws IOException, InterruptedException {
    return scripts.run(SCRIPT, Map.of("SPARK_MASTER_PORT", port), arguments);
  }

  private String url() {
    return "spark://127.0.0.1:" + port;
  }

  private Path folder() throws IOException {
    return scripts.project().toRealPath().resolve("target/local-cluster-" + port);
  }

  /** What processes of the cluster have in their environment. */
  private String mark() throws IOException {
    return "SPARK_WORKER_DIR=" + folder() + "/work";
  }

  private void sparkClass(String body) throws IOException {
    SubmitProject.script(scripts.project().resolve("target/spark/bin/spark-class"), body + "\n");
  }

  private void replace(String old, String replacement) throws IOException {
    var script = scripts.project().resolve("submit").resolve(SCRIPT);
    var text = Files.readString(script);
    assertThat(text).containsOnlyOnce(old);
    Files.writeString(script, text.replace(old, replacement));
  }

  /** Runs bash until the test ends, and returns when it has said that it is ready. */
  private Process process(String commands, String variable) throws IOException {
    var process =
        new ProcessBuilder("env", variable, "bash", "-c", commands)
            .redirectErrorStream(true)
            .start();
    processes.add(process);
    assertThat(process.inputReader().readLine()).isEqualTo("ready");
    return process;
  }

  private static ServerSocket listening() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }
}
