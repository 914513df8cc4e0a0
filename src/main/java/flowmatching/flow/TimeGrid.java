package flowmatching.flow;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The times between which a solver makes a step each: they rise from 0 to 1.
 *
 * @param times at least two
 */
public record TimeGrid(List<Double> times) {
  public TimeGrid {
    times = List.copyOf(times);
    if (!isRising(times) || times.get(0) != 0 || times.get(times.size() - 1) != 1) {
      throw new IllegalArgumentException("Times of a solver rise from 0 to 1, and not as " + times);
    }
  }

  /** Steps of the same length: i / n. */
  public static TimeGrid uniform(int steps) {
    return new TimeGrid(IntStream.rangeClosed(0, steps).mapToObj(i -> (double) i / steps).toList());
  }

  private static boolean isRising(List<Double> times) {
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
