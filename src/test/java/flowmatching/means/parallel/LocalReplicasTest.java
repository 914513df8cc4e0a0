package flowmatching.means.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.means.cluster.PeerLost;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskContext$;
import org.junit.jupiter.api.Test;

class LocalReplicasTest {
  private static final int LENGTH = 1_000;
  private static final int HOUR_S = 3600;

  private final String round = UUID.randomUUID().toString();
  private final LocalReplicas replicas = LocalReplicas.join(round, 2, HOUR_S);
  private final TaskContext task = TaskContext$.MODULE$.empty();

  @Test
  void eachReplicaGetsTheSumOfEveryStep() {
    float[] one = new float[LENGTH];
    float[] other = new float[LENGTH];
    for (int step = 0; step < 3; step++) {
      Arrays.fill(one, step + 1);
      Arrays.fill(other, 2);
      CompletableFuture<Long> sum =
          CompletableFuture.supplyAsync(() -> replicas.sum(1, other, false, task));
      replicas.sum(0, one, false, task);
      sum.join();
      assertThat(one).containsOnly(step + 3);
      assertThat(other).containsOnly(step + 3);
    }
  }

  @Test
  void aReplicaThatLeavesEndsTheStepOfTheOthers() {
    float[] gradient = new float[8];
    CompletableFuture<Long> waiting =
        CompletableFuture.supplyAsync(() -> replicas.sum(0, gradient, false, task));
    replicas.leave(round);
    assertThatThrownBy(waiting::join)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(PeerLost.class)
        .hasMessageContaining("1 of the 2 replicas of this process have left the round in step 0");
    assertThatThrownBy(() -> replicas.sum(1, gradient, false, task)).isInstanceOf(PeerLost.class);
  }
}
