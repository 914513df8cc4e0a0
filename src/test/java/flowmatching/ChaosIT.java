package flowmatching;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@link RecoveryIT} has no time for: {@code mvn verify -Pchaos}. */
@Tag("chaos")
@Computes(replicas = 2)
class ChaosIT {
  private static final int LAST = ClusterTraining.EPOCHS;
  private static final int MANY_EPOCHS = 20;
  private static final int SAMPLES = 10;

  @TempDir static Path shared;
  @TempDir Path directory;
  private static ClusterTraining undisturbed;
  private LocalCluster cluster;

  @BeforeEach
  void startCluster() throws Exception {
    cluster = LocalCluster.in(directory);
    cluster.start(2);
    if (undisturbed == null) {
      undisturbed = new ClusterTraining(cluster, shared.resolve("undisturbed"));
      assertThat(undisturbed.run()).as(undisturbed::log).isZero();
    }
  }

  @AfterEach
  void stopCluster() throws Exception {
    cluster.stop();
  }

  @Test
  void aRunThatLosesAllExecutorsEndsAsOneThatDoesNot() throws Exception {
    var run = training("both");
    int exitCode =
        disturb(
            run,
            driver -> {
              for (var executor : cluster.processes("executor")) {
                executor.signal("KILL");
              }
            });
    assertThat(exitCode).as(run::log).isZero();
    assertThat(run.log()).contains("because replicas were lost");
    run.assertEndsAs(undisturbed);
  }

  @Test
  void aRunThatLosesAnExecutorWhileAnotherJoinsEndsAsOneThatDoesNot() throws Exception {
    var run = training("joining");
    int exitCode =
        disturb(
            run,
            driver -> {
              var before = cluster.processes("executor");
              before.get(0).signal("KILL");
              await()
                  .atMost(Duration.ofMinutes(1))
                  .until(() -> !before.containsAll(cluster.processes("executor")));
              before.get(1).signal("KILL");
            });
    assertThat(exitCode).as(run::log).isZero();
    run.assertEndsAs(undisturbed);
  }

  @Test
  void aRunWithAnExecutorThatHangsEndsAsOneWithout() throws Exception {
    var run = training("hanging", "train.patience=20");
    int exitCode = disturb(run, driver -> cluster.processes("executor").get(0).signal("STOP"));
    assertThat(exitCode).as(run::log).isZero();
    run.assertEndsAs(undisturbed);
  }

  @Test
  void aRunGoesOnWithoutAWorkerThatNeverComesBack() throws Exception {
    var run = training("worker");
    int exitCode = disturb(run, driver -> loseWorkers(1));
    assertThat(exitCode).as(run::log).isZero();
    assertThat(run.log()).contains("The run continues with 1 replicas instead of 2");
    assertThat(run.checkpoint(LAST).get("iteration").asInt())
        .isEqualTo(LAST * ClusterTraining.STEPS);
    assertThat(run.losses("validation_loss").get(LAST - 1))
        .isCloseTo(undisturbed.losses("validation_loss").get(LAST - 1), withPercentage(5));
  }

  @Test
  void aRunEndsWhereNoWorkerIsLeft() throws Exception {
    var run = training("workers");
    int exitCode = disturb(run, driver -> loseWorkers(2));
    assertThat(exitCode).as(run::log).isEqualTo(1);
    assertThat(run.log())
        .contains("No executor is left, and none started within 60 s")
        .contains("The same command resumes from the last checkpoint.")
        .doesNotContain("\tat ");
    assertThat(run.checkpoint(1)).isEqualTo(undisturbed.checkpoint(1));
  }

  @Test
  void aRunEndsWhereTheClusterIsStopped() throws Exception {
    var run = training("stopped");
    int exitCode = disturb(run, driver -> cluster.stop());
    assertThat(exitCode).as(run::log).isEqualTo(1);
    assertThat(run.log())
        .contains("The same command resumes from the last checkpoint.")
        .doesNotContain("\tat ");
    assertThat(run.checkpoint(1)).isEqualTo(undisturbed.checkpoint(1));
  }

  @Test
  void aRunWhoseDriverIsKilledTenTimesLosesNoEpoch() throws Exception {
    String[] settings = {
      "data.limit=256", "train.epochs=" + MANY_EPOCHS, "train.checkpoint.keep-last=" + MANY_EPOCHS
    };
    var whole = training("whole", settings);
    long start = System.nanoTime();
    assertThat(whole.run()).as(whole::log).isZero();
    int epochMs = (int) ((System.nanoTime() - start) / 1_000_000 / MANY_EPOCHS);
    long seed = System.nanoTime();
    System.out.printf("drivers are killed at moments of the seed %d%n", seed);
    var random = new Random(seed);
    var run = training("killed", settings);
    int reported = 0;
    for (int kill = 1; kill <= 10; kill++) {
      var driver = run.start();
      try {
        run.awaitLog(driver, " step ");
        Thread.sleep(random.nextInt(3 * epochMs));
      } finally {
        driver.destroyForcibly().waitFor();
      }
      assertThat(done(run)).isGreaterThanOrEqualTo(reported);
      reported = Math.max(reported, reportedEpochs(run));
      System.out.printf("kill %d: began after epoch %d, reported %d%n", kill, done(run), reported);
      assertWholeCheckpointsAreThoseOf(whole, run, reported);
    }
    assertThat(reported).isPositive();
    assertThat(run.run()).as(run::log).isZero();
    assertThat(done(run)).isGreaterThanOrEqualTo(reported);
    run.assertEndsAs(whole);
  }

  @Test
  void fifteenRoundsLeakNothing() throws Exception {
    // Aeron names its folders by the user, whom Spark asks the system for.
    String user = "chaos" + Long.toHexString(System.nanoTime());
    String name = "aeron-" + user;
    var run =
        new ClusterTraining(
            cluster,
            directory.resolve("rounds"),
            List.of(
                "--conf",
                "spark.executor.extraJavaOptions=-Djava.awt.headless=true"
                    + " -Dorg.bytedeco.javacpp.maxbytes=5G -Dorg.bytedeco.javacpp.maxphysicalbytes=9G"
                    + " -Duser.name="
                    + user),
            "data.limit=128",
            "train.epochs=30");
    var driver = run.start();
    try {
      // Thread pools grow for some rounds.
      run.awaitLog(driver, "epoch 10/30: ");
      var executors = cluster.processes("executor");
      assertThat(executors).hasSize(2);
      var early = used(executors, name);
      run.awaitLog(driver, "epoch 25/30: ");
      assertThat(cluster.processes("executor")).isEqualTo(executors);
      var late = used(executors, name);
      for (int executor = 0; executor < 2; executor++) {
        System.out.printf("after 10 rounds %s%n", early.get(executor));
        System.out.printf("after 25 rounds %s%n", late.get(executor));
        assertThat(late.get(executor).threads())
            .isLessThanOrEqualTo(early.get(executor).threads() + 5);
        assertThat(late.get(executor).files()).isLessThanOrEqualTo(early.get(executor).files() + 5);
        assertThat(late.get(executor).folders())
            .isLessThanOrEqualTo(early.get(executor).folders() + 2);
        assertThat(late.get(executor).heapMb())
            .isLessThanOrEqualTo(early.get(executor).heapMb() + 15);
        assertThat(late.get(executor).residentMb())
            .isLessThanOrEqualTo(early.get(executor).residentMb() + 300);
      }
      assertThat(driver.waitFor(120, SECONDS)).isTrue();
    } finally {
      driver.destroyForcibly();
    }
    assertThat(driver.exitValue()).as(run::log).isZero();
    await().atMost(Duration.ofSeconds(30)).until(() -> folders(name).isEmpty());
  }

  /**
   * What an executor has.
   *
   * @param folders of Aeron in shared memory, of all executors
   * @param heapMb of objects that are in use
   */
  private record Used(int threads, int files, int folders, long heapMb, long residentMb) {
    static Used by(ProcessId executor, String folders) throws Exception {
      return new Used(
          executor.threads(),
          executor.openFiles().size(),
          ChaosIT.folders(folders).size(),
          executor.liveHeapMb(),
          executor.residentMb());
    }

    Used least(Used other) {
      return new Used(
          Math.min(threads, other.threads),
          Math.min(files, other.files),
          Math.min(folders, other.folders),
          Math.min(heapMb, other.heapMb),
          Math.min(residentMb, other.residentMb));
    }
  }

  /** The least of each over some rounds, since a round has threads and folders of its own. */
  private static List<Used> used(List<ProcessId> executors, String folders) throws Exception {
    var all = new ArrayList<Used>();
    for (var executor : executors) {
      var least = Used.by(executor, folders);
      for (int sample = 1; sample < SAMPLES; sample++) {
        least = least.least(Used.by(executor, folders));
      }
      all.add(least);
    }
    return all;
  }

  private static List<Path> folders(String name) throws IOException {
    try (var files = Files.list(Path.of("/dev/shm"))) {
      return files.filter(file -> file.getFileName().toString().startsWith(name)).toList();
    }
  }

  private interface Disturbance {
    void at(Process driver) throws Exception;
  }

  /** Runs to the end, with a disturbance in the middle of the second epoch's first round. */
  private static int disturb(ClusterTraining run, Disturbance disturbance) throws Exception {
    var driver = run.start();
    try {
      run.awaitSteps(driver, 2);
      disturbance.at(driver);
      long start = System.nanoTime();
      assertThat(driver.waitFor(600, SECONDS)).as(run::log).isTrue();
      System.out.printf(
          "%s: ended %.1f s after the disturbance%n",
          run.output(), (System.nanoTime() - start) * 1e-9);
    } finally {
      driver.destroyForcibly();
    }
    return driver.exitValue();
  }

  private void loseWorkers(int count) throws Exception {
    for (var worker : cluster.processes("worker").subList(0, count)) {
      for (var executor : worker.children()) {
        executor.signal("KILL");
      }
      worker.signal("KILL");
    }
  }

  private ClusterTraining training(String name, String... more) throws IOException {
    return new ClusterTraining(cluster, directory.resolve(name), more);
  }

  /** The epochs that a start found done. */
  private static int done(ClusterTraining run) {
    return lastNumber("steps, (\\d+) done", run.log());
  }

  private static int reportedEpochs(ClusterTraining run) {
    return lastNumber("epoch (\\d+)/\\d+: ", run.log());
  }

  private static int lastNumber(String pattern, String log) {
    return Pattern.compile(pattern)
        .matcher(log)
        .results()
        .mapToInt(found -> Integer.parseInt(found.group(1)))
        .max()
        .orElse(0);
  }

  private static void assertWholeCheckpointsAreThoseOf(
      ClusterTraining whole, ClusterTraining run, int reported) throws IOException {
    var checkpoints = run.output().resolve("checkpoints");
    for (int epoch = 1; epoch <= MANY_EPOCHS; epoch++) {
      var name = "epoch-%04d".formatted(epoch);
      boolean isWhole = Files.exists(checkpoints.resolve(name).resolve("checkpoint.json"));
      assertThat(isWhole || epoch > reported).isTrue();
      if (isWhole) {
        for (var file : List.of("checkpoint.json", "updater.safetensors", "model.safetensors")) {
          assertThat(checkpoints.resolve(name).resolve(file))
              .hasSameBinaryContentAs(
                  whole.output().resolve("checkpoints").resolve(name).resolve(file));
        }
      }
    }
  }
}
