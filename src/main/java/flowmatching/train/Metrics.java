package flowmatching.train;

import flowmatching.storage.Folder;
import flowmatching.storage.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** {@code metrics.jsonl}: a line an epoch. */
final class Metrics {
  private static final String NAME = "metrics.jsonl";
  private static final int MAX_BYTES = 64 << 20;

  private final Folder folder;

  Metrics(Folder folder) {
    this.folder = folder;
  }

  /**
   * An epoch's line.
   *
   * @param epoch from 1
   * @param loss mean over the epoch's images, each under the parameters of its step
   * @param validationLoss mean over the validation images, under the parameters after the epoch
   * @param imagesPerS of training
   * @param steps of all epochs so far
   * @param replicaDrift how far apart the replicas were at the epoch's end: root mean square over
   *     the weights
   */
  record Epoch(
      int epoch,
      double loss,
      double validationLoss,
      double imagesPerS,
      int steps,
      double replicaDrift,
      Seconds seconds) {}

  /** How long the stages of an epoch took. */
  record Seconds(double training, double validation, double preview) {}

  void add(Epoch epoch) {
    folder.appendLine(NAME, Json.line(epoch));
  }

  /** Drops the lines of epochs that a resumed run does again. */
  void keepUpTo(int lastEpoch) {
    if (!folder.exists(NAME)) {
      return;
    }
    String origin = folder + "/" + NAME;
    List<String> kept = new ArrayList<>();
    for (String line :
        new String(folder.read(NAME, MAX_BYTES), StandardCharsets.UTF_8).lines().toList()) {
      Epoch epoch = Json.parse(line.getBytes(StandardCharsets.UTF_8), Epoch.class, origin);
      if (epoch.epoch() <= lastEpoch) {
        kept.add(line + "\n");
      }
    }
    folder.write(NAME, String.join("", kept).getBytes(StandardCharsets.UTF_8));
  }
}
