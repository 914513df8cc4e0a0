package flowmatching.means.preflight;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.Precision;
import flowmatching.means.cluster.BarrierJob;
import flowmatching.means.cluster.Devices;
import flowmatching.network.backend.Library;
import flowmatching.network.backend.NumericIdentity;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Facts of the driver and all executors.
 *
 * @param slots of each executor, by its name
 */
record Census(ProcessFacts driver, List<ProcessFacts> executors, Map<String, Integer> slots) {
  /** Most of it is for unpacking and loading ND4J's libraries. */
  private static final int TIMEOUT_S = 50;

  /**
   * Asks all executors, which are set up like the driver. Another library would not help an
   * executor that cannot run the driver's: all processors must be of one kind. If the driver cannot
   * compute, the executors are not asked.
   *
   * @param slots number of tasks to run at once, enough to reach every executor
   * @throws EnvironmentFailure if an executor does not answer, or the driver has no library
   */
  static Census take(JavaSparkContext spark, int slots, Precision precision) {
    ProcessFacts driver = driver(spark, precision);
    if (spark.isLocal()) {
      return new Census(driver, List.of(), Map.of(driver.name(), slots));
    }
    NumericIdentity numerics = driver.numerics();
    if (numerics == null) {
      return new Census(driver, List.of(), Map.of());
    }
    Map<String, ProcessFacts> executors = new LinkedHashMap<>();
    Map<String, Integer> counts = new HashMap<>();
    for (ProcessFacts facts :
        BarrierJob.run(
            spark,
            "The check of the executors",
            slots,
            TIMEOUT_S,
            (context, slot) -> executor(numerics))) {
      executors.put(facts.name(), facts);
      counts.merge(facts.name(), 1, Integer::sum);
    }
    return new Census(driver, List.copyOf(executors.values()), counts);
  }

  private static ProcessFacts driver(JavaSparkContext spark, Precision precision) {
    Library library = Library.best();
    List<String> gpus = Devices.ofDriver(spark);
    String host = spark.isLocal() ? "localhost" : spark.getConf().get("spark.driver.host");
    return ProcessFacts.ofThis(
        "the driver", host, gpus, () -> NumericIdentity.use(library, gpus, precision));
  }

  private static ProcessFacts executor(NumericIdentity ofDriver) {
    SparkEnv env = SparkEnv.get();
    String host = env.blockManager().blockManagerId().host();
    String name = "executor %s on %s".formatted(env.executorId(), host);
    List<String> gpus = Devices.ofTask();
    return ProcessFacts.ofThis(name, host, gpus, () -> ofDriver.here(gpus));
  }

  boolean isDriver(ProcessFacts process) {
    return process.name().equals(driver.name());
  }

  int slotsOf(ProcessFacts process) {
    return slots.getOrDefault(process.name(), 1);
  }

  /** The driver and the executors. */
  Stream<ProcessFacts> all() {
    return Stream.concat(Stream.of(driver), executors.stream());
  }
}
