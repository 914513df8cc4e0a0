package flowmatching.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PermutationTest {
  private static final int COUNT = 60_000;

  static IntStream counts() {
    return IntStream.concat(IntStream.rangeClosed(1, 200), IntStream.of(COUNT));
  }

  @ParameterizedTest
  @MethodSource("counts")
  void everyPositionIsTakenOnce(int count) {
    assertThat(LongStream.of(order(1, 0, count)).sorted().toArray())
        .containsExactly(LongStream.range(0, count).toArray());
  }

  @Test
  void ordersOfDifferentEpochsAndSeedsAreUncorrelated() {
    long[][] orders = {
      LongStream.range(0, COUNT).toArray(),
      order(1, 0, COUNT),
      order(1, 1, COUNT),
      order(2, 0, COUNT)
    };
    for (int i = 0; i < orders.length; i++) {
      for (int j = 0; j < i; j++) {
        assertThat(correlation(orders[i], orders[j])).isCloseTo(0, within(4 / Math.sqrt(COUNT)));
      }
    }
  }

  @Test
  void neighboursAreShuffled() {
    long[] positions = order(1, 0, COUNT);
    long ascents = IntStream.range(1, COUNT).filter(i -> positions[i] > positions[i - 1]).count();
    assertThat((double) ascents / COUNT).isCloseTo(0.5, within(4 / Math.sqrt(12.0 * COUNT)));
  }

  @Test
  void theSameArgumentsGiveTheSameOrder() {
    assertThat(order(5, 9, 1000)).containsExactly(order(5, 9, 1000));
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 10, Long.MAX_VALUE})
  void anIdOutsideTheRangeIsRefused(long id) {
    assertThatThrownBy(() -> new Permutation(1, 0, 10).position(id))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Id " + id + " is outside [0, 10)");
  }

  @Test
  void anEmptyPermutationHasNoPositions() {
    assertThatThrownBy(() -> new Permutation(1, 0, 0).position(0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static long[] order(long seed, int epoch, int count) {
    var permutation = new Permutation(seed, epoch, count);
    return LongStream.range(0, count).map(permutation::position).toArray();
  }

  private static double correlation(long[] one, long[] other) {
    return new PearsonsCorrelation()
        .correlation(
            LongStream.of(one).asDoubleStream().toArray(),
            LongStream.of(other).asDoubleStream().toArray());
  }
}
