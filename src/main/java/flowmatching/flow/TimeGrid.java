package flowmatching.flow;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The boundaries of a solver's steps.
 *
 * @param times strictly increasing from 0 to 1
 */
public record TimeGrid(List<Double> times) {
  /**
   * A grid.
   *
   * @throws IllegalArgumentException if the times do not increase from 0 to 1
   */
  public TimeGrid {
    times = List.copyOf(times);
    if (!isIncreasing(times) || times.get(0) != 0 || times.get(times.size() - 1) != 1) {
      throw new IllegalArgumentException("A solver's times must increase from 0 to 1: " + times);
    }
  }

  /** n steps of the same length: times i / n. */
  public static TimeGrid uniform(int steps) {
    return new TimeGrid(IntStream.rangeClosed(0, steps).mapToObj(i -> (double) i / steps).toList());
  }

  private static boolean isIncreasing(List<Double> times) {
    return times.size() > 1
        && IntStream.range(1, times.size()).allMatch(i -> times.get(i - 1) < times.get(i));
  }

  int steps() {
    return times.size() - 1;
  }

  double start(int step) {
    return times.get(step);
  }

  double length(int step) {
    return times.get(step + 1) - times.get(step);
  }
}
