package flowmatching.means.preflight;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.Settings;
import flowmatching.means.cluster.TaskSlots;
import flowmatching.means.parallel.ExchangeTrial;
import flowmatching.network.backend.NumericIdentity;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks the cluster before a run. */
public final class Preflight {
  private static final Logger LOG = LoggerFactory.getLogger(Preflight.class);

  private Preflight() {}

  /**
   * Checks the driver and all executors, and loads the same ND4J library in all of them.
   *
   * @param replicas to train
   * @return the numerics of all processes
   * @throws EnvironmentFailure with all failures in one message
   */
  public static NumericIdentity check(JavaSparkContext spark, Settings settings, int replicas) {
    TaskSlots all = new TaskSlots(spark.sc());
    int slots = spark.isLocal() ? replicas : Math.max(replicas, all.now());
    Census census = Census.take(spark, slots, settings.train().precision());
    MemoryNeed need = MemoryNeed.of(settings.model());
    Requirements requirements = new Requirements(census, settings, need, replicas, all.threads());
    refuse(requirements.failures());
    warnOfStaleFolders(census);
    census.all().forEach(Preflight::logGpu);
    String exchange =
        requirements.sendsUpdates()
            ? ", which reached each other over UDP: "
                + ExchangeTrial.run(spark, slots, settings.train().udpPorts())
            : "";
    LOG.info(
        "Checked: {} replicas {} with {} in {}{}",
        replicas,
        spark.isLocal()
            ? "in this process"
            : "on %d task slots of %d executors".formatted(slots, census.executors().size()),
        census.driver().numerics().library(),
        census.driver().numerics().precision().toString().toLowerCase(Locale.ROOT),
        exchange);
    return census.driver().numerics();
  }

  /** Throws an {@link EnvironmentFailure} of all failures, if there are any. */
  static void refuse(List<String> failures) {
    if (!failures.isEmpty()) {
      throw new EnvironmentFailure(
          failures.size() == 1
              ? failures.get(0)
              : "The cluster cannot do this run for %d reasons:\n  %s"
                  .formatted(failures.size(), String.join("\n  ", failures)));
    }
  }

  private static void logGpu(ProcessFacts process) {
    if (process.gpu() != null) {
      LOG.info("GPU of {}: {}, from Spark's {}", process.name(), process.gpu(), process.gpus());
    } else if (!process.gpus().isEmpty()) {
      LOG.warn(
          "Spark gave {} the GPU {}, and this jar computes on processors: BACKEND=cuda selects the jar for GPUs",
          process.name(),
          process.gpus());
    }
  }

  private static void warnOfStaleFolders(Census census) {
    Map<String, Set<String>> stale = new TreeMap<>();
    for (ProcessFacts executor : census.executors()) {
      var onHost = stale.computeIfAbsent(executor.host(), host -> new TreeSet<>());
      onHost.addAll(executor.sharedMemory().stale());
    }
    stale.forEach(
        (host, folders) -> {
          if (!folders.isEmpty()) {
            LOG.warn(
                "Processes that were killed have left {} folders in the shared memory of {}, without a heartbeat for 10 s. To remove them there: rm -r {}",
                folders.size(),
                host,
                String.join(" ", folders));
          }
        });
  }
}
