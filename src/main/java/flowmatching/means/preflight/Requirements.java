package flowmatching.means.preflight;

import flowmatching.base.settings.Settings;
import flowmatching.base.settings.TrainSettings.Strategy;
import java.util.List;
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
    ArrayMemory arrays = new ArrayMemory(census, settings.train(), need, replicas, threads);
    Stream<Rule> rules =
        Stream.of(new SoftwareRules(), new MemoryRules(arrays), new GpuRules(arrays));
    Stream<Rule> updateRules = sendsUpdates() ? Stream.of(new UdpRules()) : Stream.of();
    return Stream.concat(rules, updateRules).flatMap(rule -> rule.failures(census)).toList();
  }

  /** Whether executors exchange updates over UDP. */
  boolean sendsUpdates() {
    return settings.train().strategy() == Strategy.PARAMETER_SERVER
        && census.executors().size() > 1;
  }
}
