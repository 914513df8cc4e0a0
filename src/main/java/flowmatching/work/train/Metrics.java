package flowmatching.work.train;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.format.Json;
import flowmatching.means.run.EpochMetrics;
import flowmatching.means.run.RunFiles;
import flowmatching.means.storage.Folder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code metrics.jsonl}: a line per epoch.
 *
 * @param runSha256 the digest of the run; empty if it has none
 */
record Metrics(Folder folder, String runSha256) {
  private static final Logger LOG = LoggerFactory.getLogger(Metrics.class);

  /** Writes the line of an epoch after those of earlier epochs, and removes all others. */
  void add(EpochMetrics epoch) {
    write(upTo(epoch.epoch() - 1) + Json.line(epoch) + "\n");
  }

  /**
   * Removes the lines of epochs that a resumed run repeats. The others stay as they are, whichever
   * version wrote them. Lines without an epoch's number, such as half a line, lines of another run,
   * and all but the last of an epoch are removed with one warning.
   */
  void keepUpTo(int lastEpoch) {
    if (folder.exists(RunFiles.METRICS)) {
      write(upTo(lastEpoch));
    }
    long found = lines().size();
    if (found < lastEpoch) {
      LOG.warn(
          "{}/{} has lines of {} of the {} epochs that are done: the metrics of the others are lost",
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
    SortedMap<Integer, String> kept = new TreeMap<>();
    List<String> removed = new ArrayList<>();
    for (String line : lines()) {
      OptionalInt epoch = epoch(line);
      if (epoch.isEmpty() || isOfAnotherRun(line)) {
        removed.add(line);
      } else if (epoch.getAsInt() <= lastEpoch) {
        String earlier = kept.put(epoch.getAsInt(), line);
        if (earlier != null) {
          removed.add(earlier);
        }
      }
    }
    if (!removed.isEmpty()) {
      LOG.warn(
          "{}/{} has {}: {}",
          folder,
          RunFiles.METRICS,
          removed.size() == 1
              ? "a line that is torn, of another run, or without the number of an epoch or with that of a later line, and is removed"
              : "%d lines that are torn, of another run, or without the number of an epoch or with that of a later line, and are removed; the first"
                  .formatted(removed.size()),
          "%.80s".formatted(removed.get(0)));
    }
    return kept.values().stream().map(line -> line + "\n").collect(Collectors.joining());
  }

  /** Whether the line names another run: those of versions without the digest name none. */
  private boolean isOfAnotherRun(String line) {
    String named = Json.tree(line).path("run_sha256").asText();
    return !runSha256.isEmpty() && !named.isEmpty() && !named.equals(runSha256);
  }

  /** The highest epoch that has a line; 0 if there is none. */
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
