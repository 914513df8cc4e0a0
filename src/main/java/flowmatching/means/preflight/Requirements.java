package flowmatching.means.preflight;

import flowmatching.base.settings.Settings;
import flowmatching.base.settings.TrainSettings.Strategy;
import flowmatching.network.dl4j.UNet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All that a run requires of its processes.
 *
 * @param replicas that train together
 * @param threads per replica
 */
record Requirements(Census census, Settings settings, MemoryNeed need, int replicas, int threads) {
  /** A sentence per violation. */
  List<String> failures() {
    Stream<Rule> rules =
        Stream.of(
            new SoftwareRules(),
            new MemoryRules(this::bytesOfArrays),
            new GpuRules(this::bytesOfArrays));
    Stream<Rule> updateRules = sendsUpdates() ? Stream.of(new UdpRules()) : Stream.of();
    return Stream.concat(rules, updateRules)
        .flatMap(rule -> rule.failures(census))
        .flatMap(Optional::stream)
        .toList();
  }

  /** Whether executors exchange updates over UDP. */
  boolean sendsUpdates() {
    return settings.train().strategy() == Strategy.PARAMETER_SERVER
        && census.executors().size() > 1;
  }

  /** What the arrays of a process need, outside its heap or on its GPU. */
  private long bytesOfArrays(ProcessFacts process) {
    int pieceImages = UNet.pieceImages(process.gpu() != null);
    if (census.isDriver(process) && !census.executors().isEmpty()) {
      return need.ofArrays(1, settings.train().preview().count(), 1, pieceImages);
    }
    // Validation uses full batches, and keeps half of what training keeps per image.
    int leastImages = pieceImages / 2;
    int images = Math.max(settings.train().batchSize() / replicas, leastImages);
    return need.ofArrays(Math.min(census.slotsOf(process), replicas), images, threads, pieceImages);
  }
}
