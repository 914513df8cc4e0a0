package flowmatching.work.report;

import flowmatching.means.run.EpochMetrics;
import flowmatching.means.run.EvenlySpaced;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The epochs of a training.
 *
 * @param seconds of all epochs
 * @param shown some of them, evenly spaced: more would not make a curve finer
 */
record Epochs(double seconds, List<EpochMetrics> shown) {
  private static final int MOST_SHOWN = 200;

  /** The epochs of {@code metrics.jsonl}, one or more. */
  static Epochs of(List<EpochMetrics> all) {
    return new Epochs(
        all.stream().mapToDouble(epoch -> epoch.seconds().sum()).sum(),
        EvenlySpaced.of(all, MOST_SHOWN));
  }

  EpochMetrics last() {
    return shown.get(shown.size() - 1);
  }

  List<Integer> numbers() {
    return shown.stream().map(EpochMetrics::epoch).toList();
  }

  List<Double> values(ToDoubleFunction<EpochMetrics> value) {
    return shown.stream().mapToDouble(value).boxed().toList();
  }
}
