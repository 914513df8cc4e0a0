package flowmatching.base.settings;

import com.typesafe.config.ConfigValueFactory;
import flowmatching.base.settings.SampleSettings.Solver;
import java.io.Serializable;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Optional;

/**
 * A solver with its budget: {@code euler:100} for fixed steps, {@code dopri5:0.001} for a
 * tolerance, absolute and relative.
 */
public record SolverEffort(Solver solver, BigDecimal effort) implements Serializable {
  static final Kind<SolverEffort> KIND =
      Kind.words(
          "a solver with steps from 1 to 10000 or, for dopri5, a tolerance from 0.000001 to 1, such as euler:100 or dopri5:0.001",
          new SolverEffort(Solver.EULER, BigDecimal.ONE),
          SolverEffort::parse);

  private static Optional<SolverEffort> parse(String text) {
    String[] parts = text.split(":", -1);
    return Arrays.stream(Solver.values())
        .filter(solver -> parts.length == 2 && Kind.word(solver).equals(parts[0]))
        .filter(
            solver -> {
              var kind = solver.isAdaptive() ? Kind.TOLERANCE : Kind.STEPS;
              return kind.parse().apply(ConfigValueFactory.fromAnyRef(parts[1])).isPresent();
            })
        .findFirst()
        .map(solver -> new SolverEffort(solver, Kind.decimal(parts[1])));
  }

  @Override
  public String toString() {
    return Kind.word(solver) + ":" + effort.toPlainString();
  }
}
