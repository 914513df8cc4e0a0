package flowmatching.means.run;

import java.util.List;
import java.util.stream.IntStream;

/** Thins out a list. */
public final class EvenlySpaced {
  private EvenlySpaced() {}

  /** At most so many of the values (two or more) in their order, with the first and the last. */
  public static <T> List<T> of(List<T> values, int most) {
    if (values.size() <= most) {
      return values;
    }
    int last = values.size() - 1;
    return IntStream.range(0, most)
        .mapToObj(i -> values.get((int) Math.round((double) i * last / (most - 1))))
        .toList();
  }
}
