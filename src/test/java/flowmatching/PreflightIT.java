package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The check before a run, of a real cluster of two executors that cannot do it. Where this machine
 * lets a process have a mount of its own, the cluster's shared memory is as small as a container's.
 */
@Computes(replicas = 2)
class PreflightIT {
  private static final int SHARED_MEMORY_MB = 128;
  private static final List<String> OWN_MOUNT =
      List.of("unshare", "--map-root-user", "--mount", "sh", "-c");

  /** A minute is promised; the rest is for starting JVMs on a busy machine. */
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  /** The check of a tiny network, which every cluster could train. */
  static final List<String> TINY =
      List.of(
          "train.output=run",
          "data.limit=64",
          TinyNetwork.MODEL,
          "train.batch-size=32",
          "train.workers=2", // both executors are waited for, however busy the machine is
          "train.validation.limit=64",
          "--check");

  @TempDir static Path directory;
  private static int port;
  private static boolean smallSharedMemory;
  private static Path sharedMemory;

  @BeforeAll
  static void start() throws Exception {
    try (var socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    String mount =
        "mount -t tmpfs -o size=%dm tmpfs /dev/shm && exec \"$0\" \"$@\""
            .formatted(SHARED_MEMORY_MB);
    smallSharedMemory = execute(ownMount(mount, "true")).exitCode() == 0;
    List<String> command = List.of(script("local-cluster.sh"), "start", "2", "1");
    SubmitProject.Ended started =
        execute(smallSharedMemory ? ownMount(mount, command.toArray(String[]::new)) : command);
    assertThat(started.exitCode()).as(started.output()).isZero();
    Matcher worker = Pattern.compile("worker: .*process (\\d+)").matcher(started.output());
    assertThat(worker.find()).isTrue();
    sharedMemory = Path.of("/proc", worker.group(1), "root/dev/shm");
  }

  @AfterAll
  static void stop() throws Exception {
    assertThat(execute(List.of(script("local-cluster.sh"), "stop")).exitCode()).isZero();
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              assertThat(execute(List.of(script("local-cluster.sh"), "status")).output())
                  .doesNotContain("executor: ");
              if (smallSharedMemory) {
                try (Stream<Path> folders = Files.list(sharedMemory)) {
                  assertThat(folders).isEmpty();
                }
              }
            });
    assertThat(directory.resolve("run/run.json")).doesNotExist();
  }

  @Test
  void aGoodClusterIsSummedUp() throws Exception {
    assertThat(check(List.of(), "train.udp-ports=41000-41009").exitCode()).as(log()).isZero();
    assertThat(log())
        .contains("Checked: 2 replicas on 2 task slots of 2 executors")
        .contains("127.0.0.1:41000", "127.0.0.1:41001")
        .doesNotContain("\tat ");
  }

  @Test
  void aPortThatIsTaken() throws Exception {
    try (DatagramSocket taken = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      int number = taken.getLocalPort();
      refused(
          check(List.of(), "train.udp-ports=%d-%d".formatted(number, number)),
          "cannot open a UDP port on 127.0.0.1, and train.udp-ports is %d-%d"
              .formatted(number, number),
          "train.strategy=averaging");
    }
  }

  @Test
  void sharedMemoryThatIsTooSmall() throws Exception {
    assumeThat(smallSharedMemory).as("a process may have a mount of its own").isTrue();
    refused(
        check(onExecutors("-Daeron.term.buffer.length=16777216")),
        "/dev/shm on 127.0.0.1 has 128 MB free, and the updates of 2 of 2 executors need 210 MB",
        "--shm-size");
  }

  /** Aeron itself loses all that the executors send, as a firewall would. */
  @Test
  void executorsThatDoNotReachEachOther() throws Exception {
    refused(
        check(
            onExecutors(
                "-Daeron.SendChannelEndpoint.supplier=io.aeron.driver.ext.DebugSendChannelEndpointSupplier"
                    + " -Daeron.debug.send.data.loss.rate=1.0 -Daeron.debug.send.data.loss.seed=1")),
        "did not exchange an update with the others over UDP",
        "(executor 0) at 127.0.0.1:",
        "(executor 1) at 127.0.0.1:",
        "train.strategy=averaging");
  }

  @Test
  void anotherVersionOnTheExecutors() throws Exception {
    Path other = directory.resolve("other/flowmatching/network/backend");
    Files.createDirectories(other);
    Files.writeString(other.resolve("versions.properties"), "project=0.0.9\ndl4j=1.0.0-M2\n");
    refused(
        check(List.of("--conf", "spark.executor.extraClassPath=" + directory.resolve("other"))),
        "Executor 0 on 127.0.0.1 has version 0.0.9 of this program with DL4J 1.0.0-M2",
        "Executor 1 on 127.0.0.1 has version 0.0.9",
        "spark.executor.extraClassPath");
  }

  @Test
  void missingFlags() throws Exception {
    Path none = Files.writeString(directory.resolve("none.properties"), "");
    refused(
        check(
            List.of("--properties-file", none.toString()),
            "model.channels=[1024,2048]",
            "model.mid-channels=[2048,1024]",
            "data.limit=128",
            "train.batch-size=128"),
        "Executor 0 on 127.0.0.1 may take 4096 MB of memory, and this run needs about",
        "--properties-file conf/train.properties");
  }

  @Test
  void dynamicAllocation() throws Exception {
    refused(
        check(List.of("--conf", "spark.dynamicAllocation.enabled=true")),
        "spark.dynamicAllocation.enabled is true",
        "'spark.dynamicAllocation.enabled false' into conf/train.properties");
  }

  @Test
  void encryptionThatUpdatesWouldNotHave() throws Exception {
    List<String> encrypted = List.of("--conf", "spark.network.crypto.enabled=true");
    refused(check(encrypted), "spark.network.crypto.enabled", "train.unencrypted-updates=accept");
  }

  @Test
  void aFilterOfTheUser() throws Exception {
    refused(
        check(onExecutors("-Djdk.serialFilter=!no.such.Type")), "jdk.serialFilter is '!no.such");
  }

  @Test
  @Tag("chaos")
  void aMasterThatDoesNotAnswer() throws Exception {
    int nobodys;
    try (var socket = new ServerSocket(0)) {
      nobodys = socket.getLocalPort();
    }
    String url = "spark://127.0.0.1:" + nobodys;
    int exitCode = new JobProcess("train.sh", directory).run(url, TINY);
    // It depends on whether Spark gives the master up before or after it has started.
    assertThat(log())
        .containsIgnoringCase("check that a master answers at " + url)
        .doesNotContain("\tat ");
    assertThat(exitCode).isEqualTo(3);
  }

  @Test
  @Tag("chaos")
  void moreReplicasThanTheClusterHasSlots() throws Exception {
    refused(
        check(List.of(), "train.workers=4"),
        "Waiting up to 45 s for 4 task slots; there are",
        "4 task slots are needed, one per replica, and there are 2");
  }

  private static List<String> onExecutors(String flags) {
    return List.of(
        "--conf",
        "spark.executor.extraJavaOptions=-Djava.awt.headless=true -Dorg.bytedeco.javacpp.maxbytes=5G -Dorg.bytedeco.javacpp.maxphysicalbytes=9G "
            + flags);
  }

  /** What a check came to. */
  private record Checked(int exitCode, Duration time) {}

  private static Checked check(List<String> sparkOptions, String... arguments) throws Exception {
    List<String> all = new ArrayList<>(TINY);
    all.addAll(List.of(arguments));
    long start = System.nanoTime();
    int exitCode =
        new JobProcess("train.sh", directory, sparkOptions).run("spark://127.0.0.1:" + port, all);
    return new Checked(exitCode, Duration.ofNanos(System.nanoTime() - start));
  }

  private static void refused(Checked checked, String... sentence) {
    assertThat(log()).contains(sentence).doesNotContain("\tat ");
    assertThat(checked.exitCode()).isEqualTo(3);
    assertThat(checked.time()).isLessThan(DEADLINE);
  }

  private static String log() {
    return new JobProcess("train.sh", directory).log();
  }

  private static String script(String name) {
    return Path.of("submit", name).toAbsolutePath().toString();
  }

  private static List<String> ownMount(String shell, String... command) {
    List<String> all = new ArrayList<>(OWN_MOUNT);
    all.add(shell);
    all.addAll(List.of(command));
    return all;
  }

  private static SubmitProject.Ended execute(List<String> command)
      throws IOException, InterruptedException {
    Path output = directory.resolve("command.txt");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("SPARK_MASTER_PORT", Integer.toString(port));
    builder.environment().remove("SPARK_HOME");
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      return new SubmitProject.Ended(127, e.getMessage());
    }
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new SubmitProject.Ended(process.exitValue(), Files.readString(output));
  }
}
