package flowmatching.preflight;

import flowmatching.backend.NumericIdentity;
import flowmatching.failure.EnvironmentFailure;
import flowmatching.parallel.ExchangeTrial;
import flowmatching.parallel.Slots;
import flowmatching.settings.Settings;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The check of the cluster before a run. */
public final class Preflight {
  private static final Logger LOG = LoggerFactory.getLogger(Preflight.class);

  private final JavaSparkContext spark;
  private final SparkOptions options;

  public Preflight(JavaSparkContext spark) {
    this.spark = spark;
    this.options = new SparkOptions(spark.getConf());
  }

  /**
   * Checks what Spark is set to, before executors are waited for: with dynamic allocation there are
   * none yet.
   *
   * @throws EnvironmentFailure with all that is wrong
   */
  public void checkOptions() {
    if (!spark.isLocal()) {
      failOn(options.failures());
    }
  }

  /**
   * Checks the driver and all executors, and makes them compute alike.
   *
   * @param replicas that are to train
   * @param threads OpenMP threads a replica
   * @return how all of them compute
   * @throws EnvironmentFailure with all that is wrong
   */
  public NumericIdentity check(Settings settings, int replicas, int threads) {
    int slots = spark.isLocal() ? replicas : new Slots(spark.sc()).now();
    Census census = Census.take(spark, slots, threads);
    if (!census.driver().numericsFailure().isEmpty()) {
      throw new EnvironmentFailure(census.driver().numericsFailure());
    }
    Requirements requirements =
        new Requirements(census, options, settings, MemoryNeed.of(settings.model()), replicas);
    failOn(requirements.failures());
    warnOfStaleFolders(census);
    String exchange =
        requirements.sendsUpdates()
            ? ", which reached each other over UDP: "
                + ExchangeTrial.run(spark, slots, settings.train().udpPorts())
            : "";
    LOG.info(
        "Checked: {} replicas on {} task slots of {} executors with {}{}",
        replicas,
        slots,
        spark.isLocal() ? "no" : census.executors().size(),
        census.driver().numerics().library(),
        exchange);
    return census.driver().numerics();
  }

  private static void failOn(List<String> failures) {
    if (failures.size() == 1) {
      throw new EnvironmentFailure(failures.get(0));
    }
    if (!failures.isEmpty()) {
      throw new EnvironmentFailure(
          "The cluster cannot do this run, for %d reasons:\n  %s"
              .formatted(failures.size(), String.join("\n  ", failures)));
    }
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
                "Processes that were killed have left {} folders in the shared memory of {}, without a sign of life for 10 s. To remove them there: rm -r {}",
                folders.size(),
                host,
                String.join(" ", folders));
          }
        });
  }
}
