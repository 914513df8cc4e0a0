package flowmatching.means.preflight;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.means.cluster.BarrierJob;
import flowmatching.means.cluster.Devices;
import flowmatching.network.backend.Library;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * What the driver and all executors say of themselves.
 *
 * @param slots of each executor, by its name
 */
record Census(ProcessFacts driver, List<ProcessFacts> executors, Map<String, Integer> slots) {
  /** Most of it goes by until ND4J's libraries are unpacked and loaded. */
  private static final int BOUND_S = 50;

  /**
   * Asks all executors, which load ND4J then, each with the best library that all can run.
   *
   * @param slots tasks that run at once, which are on all executors then
   * @throws EnvironmentFailure where one does not answer, or has no library
   */
  static Census take(JavaSparkContext spark, int slots) {
    Library best = Library.best();
    if (spark.isLocal()) {
      ProcessFacts driver =
          ProcessFacts.ofThis("the driver", "localhost", best, Devices.ofDriver(spark));
      return new Census(driver, List.of(), Map.of(driver.name(), slots));
    }
    Map<String, ProcessFacts> executors = new LinkedHashMap<>();
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (ProcessFacts facts :
        BarrierJob.run(
            spark,
            "The check of the executors",
            slots,
            BOUND_S,
            (context, slot) -> answer(context, best))) {
      executors.put(facts.name(), facts);
      counts.merge(facts.name(), 1, Integer::sum);
    }
    Library library =
        executors.values().stream()
            .filter(facts -> facts.numerics() != null)
            .map(facts -> facts.numerics().library())
            .findFirst()
            .orElse(best);
    String host = spark.getConf().get("spark.driver.host");
    return new Census(
        ProcessFacts.ofThis("the driver", host, library, Devices.ofDriver(spark)),
        List.copyOf(executors.values()),
        counts);
  }

  private static ProcessFacts answer(BarrierTaskContext context, Library driversBest) {
    SparkEnv env = SparkEnv.get();
    String host = env.blockManager().blockManagerId().host();
    String name = "executor %s on %s".formatted(env.executorId(), host);
    List<String> bests = List.of(context.allGather(ownBest()));
    Library lowest =
        Stream.concat(Stream.of(driversBest), bests.stream().flatMap(Census::library))
            // One with another backend is refused when it is told to use the driver's.
            .filter(library -> (library == Library.CUDA) == (driversBest == Library.CUDA))
            .max(Enum::compareTo)
            .orElseThrow();
    return ProcessFacts.ofThis(name, host, lowest, Devices.ofTask());
  }

  private static String ownBest() {
    try {
      return Library.best().name();
    } catch (EnvironmentFailure e) {
      return "";
    }
  }

  private static Stream<Library> library(String name) {
    return Arrays.stream(Library.values()).filter(library -> library.name().equals(name));
  }

  boolean isDriver(ProcessFacts process) {
    return process.name().equals(driver.name());
  }

  /** The driver and the executors. */
  Stream<ProcessFacts> all() {
    return Stream.concat(Stream.of(driver), executors.stream());
  }
}
