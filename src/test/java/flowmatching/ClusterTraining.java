package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A run of TrainJob with a tiny network and two replicas on a cluster: three epochs of 64 steps, in
 * rounds of 40 and 24.
 */
final class ClusterTraining {
  static final int EPOCHS = 3;
  static final int STEPS = 64;

  private static final List<String> SETTINGS =
      List.of(
          "data.limit=1024",
          TinyNetwork.MODEL,
          "train.epochs=" + EPOCHS,
          "train.batch-size=16",
          "train.workers=2",
          "train.round-steps=40",
          "train.validation.limit=128",
          "train.preview.count=4",
          "train.preview.steps=2",
          "train.output=run");

  private final LocalCluster cluster;
  private final Path directory;
  private final JobProcess job;
  private final List<String> arguments = new ArrayList<>(SETTINGS);

  /**
   * A run that has not begun.
   *
   * @param directory of its own
   * @param more arguments
   */
  ClusterTraining(LocalCluster cluster, Path directory, String... more) throws IOException {
    this(cluster, directory, List.of(), more);
  }

  /** One with further options for spark-submit. */
  ClusterTraining(LocalCluster cluster, Path directory, List<String> options, String... more)
      throws IOException {
    this.cluster = cluster;
    this.directory = Files.createDirectories(directory);
    var all = new ArrayList<>(List.of("--conf", "spark.executor.heartbeatInterval=250ms"));
    all.addAll(options);
    this.job = new JobProcess("train.sh", directory, all);
    arguments.addAll(List.of(more));
  }

  /** The command to its end; returns its exit code. */
  int run() throws IOException, InterruptedException {
    return job.run(cluster.url(), arguments);
  }

  Process start() throws IOException {
    return job.start(cluster.url(), arguments);
  }

  /** Waits until a driver is at work in an epoch's first round. */
  void awaitSteps(Process driver, int epoch) {
    awaitLog(driver, "epoch %d/%d step ".formatted(epoch, EPOCHS));
  }

  void awaitLog(Process driver, String text) {
    await()
        .atMost(Duration.ofMinutes(15))
        .pollInterval(Duration.ofMillis(50))
        .failFast(() -> assertThat(driver.isAlive()).as(this::log).isTrue())
        .until(() -> log().contains(text));
  }

  String log() {
    return job.log();
  }

  Path output() {
    return directory.resolve("run");
  }

  /**
   * What an epoch's checkpoint says: the number of steps, and digests of the weights and of Adam's
   * moments.
   */
  JsonNode checkpoint(int epoch) throws IOException {
    return new ObjectMapper()
        .readTree(
            output().resolve("checkpoints/epoch-%04d/checkpoint.json".formatted(epoch)).toFile())
        .get("checkpoint");
  }

  List<Double> losses(String key) throws IOException {
    var losses = new ArrayList<Double>();
    for (var line : Files.readAllLines(output().resolve("metrics.jsonl"))) {
      losses.add(new ObjectMapper().readTree(line).get(key).asDouble());
    }
    return losses;
  }

  /** What the epochs came to, and the weights and moments after the last, to the bit. */
  void assertEndsAs(ClusterTraining other) throws IOException {
    int last = losses("epoch").size();
    assertThat(checkpoint(last)).isEqualTo(other.checkpoint(last));
    for (var key : List.of("epoch", "loss", "validation_loss")) {
      assertThat(losses(key)).isEqualTo(other.losses(key));
    }
  }
}
