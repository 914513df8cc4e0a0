package flowmatching.means.preflight;

import static flowmatching.means.preflight.Rule.failIf;

import flowmatching.network.backend.NumericIdentity;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** All processes run one version of Java, this program and DL4J, and compute the same bits. */
final class SoftwareRules implements Rule {
  private static final int JAVA = 17;

  @Override
  public Stream<Optional<String>> failures(Census census) {
    return census
        .all()
        .flatMap(
            process ->
                Stream.of(
                    java(process),
                    version(process, census.driver()),
                    numerics(process, census.driver().numerics())));
  }

  private static Optional<String> java(ProcessFacts process) {
    return failIf(
        process.java() != JAVA,
        "%s runs on Java %d, and this program needs Java %d: set JAVA_HOME there, or spark.executorEnv.JAVA_HOME."
            .formatted(process.subject(), process.java(), JAVA));
  }

  private static Optional<String> version(ProcessFacts process, ProcessFacts driver) {
    return failIf(
        !Objects.equals(process.project(), driver.project())
            || !Objects.equals(process.dl4j(), driver.dl4j()),
        "%s has version %s of this program with DL4J %s, and the driver has %s with DL4J %s: remove the other jar from its class path (spark.executor.extraClassPath, and the jars folder of its Spark home)."
            .formatted(
                process.subject(),
                process.project(),
                process.dl4j(),
                driver.project(),
                driver.dl4j()));
  }

  private static Optional<String> numerics(ProcessFacts process, NumericIdentity drivers) {
    if (!process.numericsFailure().isEmpty()) {
      return Optional.of(
          "%s cannot compute: %s".formatted(process.subject(), process.numericsFailure()));
    }
    return failIf(
        drivers != null && !drivers.equals(process.numerics()),
        "%s uses different numerics from the driver, so that results would depend on the process that computes them: %s there, %s on the driver. Run all processes on processors, or GPUs, of one kind."
            .formatted(process.subject(), process.numerics(), drivers));
  }
}
