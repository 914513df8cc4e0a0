package flowmatching.work.train;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.format.Json;
import flowmatching.means.parallel.Round;
import flowmatching.means.parameterserver.Traffic;
import flowmatching.means.run.RunFiles;
import flowmatching.means.storage.Folder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code metrics.jsonl}: a line an epoch. */
final class Metrics {
  private static final Logger LOG = LoggerFactory.getLogger(Metrics.class);

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
   * @param replicas that trained, at the epoch's end
   * @param share of the replicas' time by what they did
   * @param updates that executors have sent each other
   */
  record Epoch(
      int epoch,
      double loss,
      double validationLoss,
      double imagesPerS,
      int steps,
      int replicas,
      Share share,
      Updates updates,
      Seconds seconds) {

    static Epoch of(
        int epoch,
        double validationLoss,
        int steps,
        long parameters,
        List<Round> rounds,
        Seconds seconds) {
      long images = rounds.stream().mapToLong(Round::images).sum();
      return new Epoch(
          epoch,
          rounds.stream().mapToDouble(Round::lossSum).sum() / images,
          validationLoss,
          images / seconds.training(),
          steps,
          rounds.get(rounds.size() - 1).replicas(),
          Share.of(rounds),
          Updates.of(rounds, parameters),
          seconds);
    }
  }

  /**
   * Shares of the replicas' time, which add up to 1.
   *
   * @param compute gradients and optimiser steps
   * @param data making minibatches
   * @param exchange adding, encoding and sending gradients
   * @param waiting for other replicas' gradients
   * @param resynchronisation starting a round's replicas from one state and collecting the next
   */
  record Share(
      double compute, double data, double exchange, double waiting, double resynchronisation) {
    private static Share of(List<Round> rounds) {
      Round.Seconds all =
          rounds.stream().map(Round::seconds).reduce(Round.Seconds::plus).orElseThrow();
      double sum =
          all.compute() + all.data() + all.exchange() + all.waiting() + all.resynchronisation();
      return new Share(
          all.compute() / sum,
          all.data() / sum,
          all.exchange() / sum,
          all.waiting() / sum,
          all.resynchronisation() / sum);
    }
  }

  /**
   * What executors sent each other in quanta; all 0 where there is one, or none does.
   *
   * @param number of updates
   * @param bytes of an update, on average, as the rest
   * @param compression how many times as many bytes its float32 values have
   * @param threshold below which values were kept for later
   * @param sparsity share of the values below it
   */
  record Updates(int number, double bytes, double compression, double threshold, double sparsity) {
    private static Updates of(List<Round> rounds, long parameters) {
      Traffic sent = rounds.stream().map(Round::traffic).reduce(Traffic::plus).orElseThrow();
      if (sent.updates() == 0) {
        return new Updates(0, 0, 0, 0, 0);
      }
      double bytes = (double) sent.bytes() / sent.updates();
      return new Updates(
          sent.updates(),
          bytes,
          Float.BYTES * parameters / bytes,
          sent.thresholds() / sent.updates(),
          sent.zeroShares() / sent.updates());
    }
  }

  /** How long the stages of an epoch took. */
  record Seconds(double training, double validation, double preview) {}

  /** Writes the line of an epoch behind those of earlier ones; a line that it had is replaced. */
  void add(Epoch epoch) {
    write(upTo(epoch.epoch() - 1) + Json.line(epoch) + "\n");
  }

  /**
   * Drops the lines of epochs that a resumed run does again. The others stay as they are, whichever
   * version of this program wrote them; what has no number of an epoch, such as half a line, is
   * dropped with a warning.
   */
  void keepUpTo(int lastEpoch) {
    if (folder.exists(RunFiles.METRICS)) {
      write(upTo(lastEpoch));
    }
    long found = lines().size();
    if (found < lastEpoch) {
      LOG.warn(
          "{}/{} has lines of {} of the {} epochs that are done: the figures of the others are lost",
          folder,
          RunFiles.METRICS,
          found,
          lastEpoch);
    }
  }

  private void write(String lines) {
    folder.write(RunFiles.METRICS, lines.getBytes(StandardCharsets.UTF_8));
  }

  private String upTo(int lastEpoch) {
    StringBuilder kept = new StringBuilder();
    for (String line : lines()) {
      OptionalInt epoch = epoch(line);
      if (epoch.isEmpty()) {
        LOG.warn(
            "{}/{} has a line without the number of an epoch, which is dropped: {}",
            folder,
            RunFiles.METRICS,
            "%.80s".formatted(line));
      } else if (epoch.getAsInt() <= lastEpoch) {
        kept.append(line).append('\n');
      }
    }
    return kept.toString();
  }

  /** The highest number of an epoch that has a line; 0 if none has. */
  int lastEpoch() {
    return lines().stream().map(Metrics::epoch).flatMapToInt(OptionalInt::stream).max().orElse(0);
  }

  private List<String> lines() {
    if (!folder.exists(RunFiles.METRICS)) {
      return List.of();
    }
    byte[] file = folder.read(RunFiles.METRICS, Folder.MAX_LINES_BYTES);
    return new String(file, StandardCharsets.UTF_8).lines().toList();
  }

  private static OptionalInt epoch(String line) {
    try {
      JsonNode epoch = Json.tree(line).path("epoch");
      return epoch.isInt() ? OptionalInt.of(epoch.intValue()) : OptionalInt.empty();
    } catch (DataFailure e) {
      return OptionalInt.empty();
    }
  }
}
