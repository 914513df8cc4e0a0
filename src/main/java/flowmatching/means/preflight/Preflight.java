package flowmatching.means.preflight;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.Settings;
import flowmatching.means.cluster.Slots;
import flowmatching.means.parallel.ExchangeTrial;
import flowmatching.network.backend.NumericIdentity;
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

  private final JavaSparkContext spark;

  public Preflight(JavaSparkContext spark) {
    this.spark = spark;
  }

  /**
   * Checks the driver and all executors, and loads the same ND4J library in all of them.
   *
   * @param replicas to train
   * @return the numerics of all processes
   * @throws EnvironmentFailure with all failures in one message
   */
  public NumericIdentity check(Settings settings, int replicas) {
    int slots = spark.isLocal() ? replicas : Math.max(replicas, new Slots(spark.sc()).now());
    Census census = Census.take(spark, slots);
    Requirements requirements =
        new Requirements(
            census,
            settings,
            MemoryNeed.of(settings.model()),
            replicas,
            new Slots(spark.sc()).threads());
    Failures.of(requirements.failures());
    warnOfStaleFolders(census);
    logGpus(census);
    String exchange =
        requirements.sendsUpdates()
            ? ", which reached each other over UDP: "
                + ExchangeTrial.run(spark, slots, settings.train().udpPorts())
            : "";
    LOG.info(
        "Checked: {} replicas {} with {}{}",
        replicas,
        spark.isLocal()
            ? "in this process"
            : "on %d task slots of %d executors".formatted(slots, census.executors().size()),
        census.driver().numerics().library(),
        exchange);
    return census.driver().numerics();
  }

  private static void logGpus(Census census) {
    census
        .all()
        .filter(process -> process.gpu() != null || !process.gpus().isEmpty())
        .forEach(
            process -> {
              if (process.gpu() != null) {
                LOG.info(
                    "GPU of {}: {}, from Spark's {}",
                    process.name(),
                    process.gpu(),
                    process.gpus());
              } else {
                LOG.warn(
                    "Spark gave {} the GPU {}, and this jar computes on processors: BACKEND=cuda selects the jar for GPUs",
                    process.name(),
                    process.gpus());
              }
            });
  }

  private static void warnOfStaleFolders(Census census) {
    Map<String, Set<String>> stale = new TreeMap<>();
    for (ProcessFacts executor : census.executors()) {
      stale
          .computeIfAbsent(executor.host(), host -> new TreeSet<>())
          .addAll(executor.sharedMemory().stale());
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
