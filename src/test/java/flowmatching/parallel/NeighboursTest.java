package flowmatching.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.Computes;
import flowmatching.parameterserver.PeerLost;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.spark.TaskContext$;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

@Computes
class NeighboursTest {
  private static final int LENGTH = 1_000_000;
  private static final int HOUR_S = 3600;

  private final String round = UUID.randomUUID().toString();
  private final Neighbours neighbours = Neighbours.join(round, 2, HOUR_S);
  private final Stop stop = new Stop(TaskContext$.MODULE$.empty());

  @Test
  void theSumsAreFreedWhenTheLastHasLeft() {
    try (INDArray one = Nd4j.createUninitialized(LENGTH);
        INDArray other = Nd4j.createUninitialized(LENGTH)) {
      long before = Nd4j.getEnvironment().getDeviceCouner(0);
      for (int step = 0; step < 3; step++) {
        one.assign(1);
        other.assign(2);
        CompletableFuture<Long> sum =
            CompletableFuture.supplyAsync(() -> neighbours.sum(1, other, false, stop));
        neighbours.sum(0, one, false, stop);
        sum.join();
        assertThat(one.getFloat(LENGTH - 1)).isEqualTo(3);
        assertThat(other.getFloat(LENGTH - 1)).isEqualTo(3);
      }
      long sums = 2L * LENGTH * Float.BYTES;
      neighbours.leave(round);
      assertThat(Nd4j.getEnvironment().getDeviceCouner(0) - before).isGreaterThan(sums / 2);
      neighbours.leave(round);
      assertThat(Nd4j.getEnvironment().getDeviceCouner(0) - before).isLessThan(sums / 2);
    }
  }

  /** Its gradient is freed, so that nobody may add it up any more. */
  @Test
  void whoLeavesEndsTheStepOfTheOthers() {
    try (INDArray gradient = Nd4j.ones(8)) {
      CompletableFuture<Long> waiting =
          CompletableFuture.supplyAsync(() -> neighbours.sum(0, gradient, false, stop));
      neighbours.leave(round);
      assertThatThrownBy(waiting::join)
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(PeerLost.class)
          .hasMessageContaining(
              "1 of the 2 replicas of this process have left the round in step 0");
      assertThatThrownBy(() -> neighbours.sum(1, gradient, false, stop))
          .isInstanceOf(PeerLost.class);
    }
  }
}
