package flowmatching;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import flowmatching.base.settings.Job;
import flowmatching.base.settings.Settings;
import flowmatching.means.model.ModelFolder;
import flowmatching.means.parameterserver.Stranger;
import flowmatching.means.storage.Folder;
import flowmatching.network.dl4j.UNet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.serializer.KryoSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Training on a cluster of two executors of one core, each a JVM of its own, with what can go wrong
 * there. A round is a function of the state that it starts from and of its minibatches, so that a
 * run that was disturbed ends with the bits of one that was not.
 */
@Computes(replicas = 2)
class RecoveryIT {
  @TempDir static Path directory;
  private static LocalCluster cluster;
  private static ClusterTraining undisturbed;

  @BeforeAll
  static void train() throws Exception {
    cluster = LocalCluster.in(directory);
    cluster.start(2);
    undisturbed = training("undisturbed");
    assertThat(undisturbed.run()).as(undisturbed::log).isZero();
  }

  @AfterAll
  static void stop() throws Exception {
    cluster.stop();
  }

  @Test
  void twoExecutorsLearnOverUdp() throws Exception {
    assertThat(undisturbed.log()).contains("2 x 8 images per step");
    var losses = undisturbed.losses("validation_loss");
    assertThat(losses).hasSize(ClusterTraining.EPOCHS);
    assertThat(losses.get(2)).isLessThan(losses.get(1));
    assertThat(losses.get(1)).isLessThan(losses.get(0));
    assertThat(undisturbed.checkpoint(3).get("iteration").asInt())
        .isEqualTo(ClusterTraining.EPOCHS * ClusterTraining.STEPS);
    // Of all steps but the last of a round, each executor's.
    assertThat(Files.readString(undisturbed.output().resolve("metrics.jsonl")))
        .contains("\"number\":" + 2 * (ClusterTraining.STEPS - 2));
  }

  @Test
  void aRunThatLosesAnExecutorEndsAsOneThatDoesNot() throws Exception {
    // Kryo, too, as many clusters have it by default.
    var run =
        new ClusterTraining(
            cluster,
            directory.resolve("executor"),
            List.of("--conf", "spark.serializer=" + KryoSerializer.class.getName()));
    var driver = run.start();
    try {
      run.awaitSteps(driver, 1);
      // Before the round that is disturbed: to look for processes takes as long as many steps.
      var executor = cluster.processes("executor").get(0);
      run.awaitSteps(driver, 2);
      executor.signal("KILL");
      long killed = System.nanoTime();
      run.awaitLog(driver, "because replicas were lost");
      run.awaitLog(driver, "epoch 2/3: ");
      System.out.printf(
          "an executor lost: the epoch's end %.1f s later%n", (System.nanoTime() - killed) * 1e-9);
      assertThat(driver.waitFor(120, SECONDS)).isTrue();
    } finally {
      driver.destroyForcibly();
    }
    assertThat(driver.exitValue()).as(run::log).isZero();
    run.assertEndsAs(undisturbed);
  }

  /**
   * All that its second start knows is the checkpoint, so that this also says that in the
   * undisturbed run every executor began the second epoch with what the driver had kept.
   */
  @Test
  void aRunThatLosesItsDriverGoesOnAsIfNothingHadHappened() throws Exception {
    var run = training("driver");
    var driver = run.start();
    try {
      run.awaitSteps(driver, 2);
    } finally {
      driver.destroyForcibly().waitFor();
    }
    assertThat(run.run()).as(run::log).isZero();
    assertThat(run.log()).contains("3 epochs of 64 steps, 1 done");
    run.assertEndsAs(undisturbed);
  }

  @Test
  @Tag("chaos")
  void whatStrangersSendToTheUdpPortsIsDropped() throws Exception {
    var run = training("strangers");
    var driver = run.start();
    try (var stranger = new Stranger()) {
      run.awaitSteps(driver, 1);
      var executors = cluster.processes("executor");
      run.awaitSteps(driver, 2);
      for (var executor : executors) {
        var ports = executor.udpPorts();
        assertThat(ports).isNotEmpty();
        ports.forEach(stranger::sendGarbage);
      }
      assertThat(driver.waitFor(180, SECONDS)).isTrue();
    } finally {
      driver.destroyForcibly();
    }
    assertThat(driver.exitValue()).as(run::log).isZero();
    assertThat(run.log()).doesNotContain("Retrying");
    run.assertEndsAs(undisturbed);
  }

  @Test
  @Tag("chaos")
  void aFileThatIsDamagedUnderARunIsASentenceAndExitCode4() throws Exception {
    var data = directory.resolve("data");
    copy(Path.of("/usr/share/datasets/fashion-mnist"), data);
    var run = training("damaged", "data.path=" + data);
    var driver = run.start();
    try {
      run.awaitSteps(driver, 1);
      var executor = cluster.processes("executor").get(0);
      run.awaitSteps(driver, 2);
      try (var file = Files.newByteChannel(images(data), StandardOpenOption.WRITE)) {
        file.truncate(1_000);
      }
      // What it had read is lost with it, and must be read anew.
      executor.signal("KILL");
      assertThat(driver.waitFor(180, SECONDS)).isTrue();
    } finally {
      driver.destroyForcibly();
    }
    assertThat(driver.exitValue()).as(run::log).isEqualTo(4);
    assertThat(run.log())
        .containsPattern(
            "epoch 2 of 3, steps 1 to 40, partition \\d on executor \\d: file:/.*train")
        .contains("it ends too early")
        .doesNotContain("\tat ");
    assertThat(run.checkpoint(1)).isEqualTo(undisturbed.checkpoint(1));
  }

  @Test
  void aNetworkThatDivergesIsASentence() throws Exception {
    var weights = directory.resolve("overflowing");
    writeOverflowing(weights);
    var run = training("diverging", "train.initial-weights=" + weights);
    assertThat(run.run()).as(run::log).isEqualTo(1);
    assertThat(run.log())
        .containsPattern(
            "epoch 1 of 3, steps 1 to 40, partition \\d on executor \\d: The loss is (NaN|Infinity) in"
                + " step \\d+ of the run, with a learning rate of 0.001 and a threshold of 0.03: ")
        .doesNotContain("\tat ");
    assertThat(run.output().resolve("model")).doesNotExist();
  }

  /** A network whose activations do not fit into floats. */
  private static void writeOverflowing(Path folder) {
    var arguments = List.of("train.output=none", TinyNetwork.MODEL);
    var model = Settings.read(Job.TRAIN, LocalDate.EPOCH, List.of(), arguments).model();
    var parameters = UNet.initialParameters(model, 1);
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] *= 1e30f;
    }
    var target = Folder.of(folder.toUri().toString(), new Configuration());
    ModelFolder.write(target, model, parameters);
  }

  private static ClusterTraining training(String name, String... more) throws IOException {
    return new ClusterTraining(cluster, directory.resolve(name), more);
  }

  private static Path images(Path data) throws IOException {
    try (var files = Files.list(data)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("train-images"))
          .findFirst()
          .orElseThrow();
    }
  }

  private static void copy(Path source, Path target) throws IOException {
    Files.createDirectories(target);
    try (var files = Files.list(source)) {
      for (var file : files.toList()) {
        Files.copy(file, target.resolve(file.getFileName()));
      }
    }
  }
}
