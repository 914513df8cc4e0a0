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

/** {@code metrics.jsonl}: a line per epoch. */
record Metrics(Folder folder) {
  private static final Logger LOG = LoggerFactory.getLogger(Metrics.class);

  /** Writes the line of an epoch after those of earlier epochs, and removes all others. */
  void add(EpochMetrics epoch) {
    write(upTo(epoch.epoch() - 1) + Json.line(epoch) + "\n");
  }

  /**
   * Removes the lines of epochs that a resumed run repeats. The others stay as they are, whichever
   * version wrote them. Lines without an epoch's number, such as half a line, and all but the last
   * of an epoch are removed with one warning.
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
      if (epoch.isEmpty()) {
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
              ? "a line that is torn, or has no number of an epoch or that of a later line, and is removed"
              : "%d lines that are torn, or have no number of an epoch or that of a later line, and are removed; the first"
                  .formatted(removed.size()),
          "%.80s".formatted(removed.get(0)));
    }
    return kept.values().stream().map(line -> line + "\n").collect(Collectors.joining());
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
