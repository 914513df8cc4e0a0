package flowmatching.parameterserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.deeplearning4j.nn.conf.stepfunctions.NegativeGradientStepFunction;
import org.deeplearning4j.optimize.api.StepFunction;
import org.deeplearning4j.optimize.solvers.accumulation.EncodedGradientsAccumulator;
import org.deeplearning4j.optimize.stepfunctions.StepFunctions;
import org.deeplearning4j.spark.parameterserver.networking.v2.WiredEncodingHandler;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class SharedUpdatesTest {
  private static final int PARAMETERS = 1000;
  private static final int STEPS = 20;

  private final StepFunction step =
      StepFunctions.createStepFunction(new NegativeGradientStepFunction());

  @Test
  void replicasOfOneJvmAllApplyTheSumOfTheirUpdatesExactly() throws Exception {
    for (int replicas : new int[] {1, 2, 3}) {
      List<INDArray> parameters = train(replicas);
      INDArray expected = Nd4j.zeros(PARAMETERS);
      for (int replica = 0; replica < replicas; replica++) {
        for (int i = 0; i < STEPS; i++) {
          expected.subi(update(replica, i));
        }
      }
      for (INDArray replica : parameters) {
        assertThat(replica).isEqualTo(expected);
      }
    }
  }

  /** Each replica steps on a thread of its own, as DL4J's do. */
  private List<INDArray> train(int replicas) throws Exception {
    SharedUpdates updates = updates(replicas);
    updates.registerConsumers(replicas);
    ExecutorService threads = Executors.newFixedThreadPool(replicas);
    try {
      List<Future<INDArray>> running = new ArrayList<>();
      for (int replica = 0; replica < replicas; replica++) {
        int number = replica;
        running.add(threads.submit(() -> steps(number, updates)));
      }
      List<INDArray> parameters = new ArrayList<>();
      for (Future<INDArray> replica : running) {
        parameters.add(replica.get(60, TimeUnit.SECONDS));
      }
      return parameters;
    } finally {
      threads.shutdownNow();
    }
  }

  private INDArray steps(int replica, SharedUpdates updates) {
    INDArray parameters = Nd4j.zeros(PARAMETERS);
    for (int i = 0; i < STEPS; i++) {
      INDArray update = update(replica, i);
      updates.storeUpdate(update, i, 0);
      updates.applyUpdate(step, parameters, update, true);
    }
    return parameters;
  }

  /** Whole numbers, so that sums are exact in any order. */
  private static INDArray update(int replica, int step) {
    return Nd4j.valueArrayOf(new long[] {PARAMETERS}, (float) (1 + replica * 100 + step));
  }

  private static SharedUpdates updates(int replicas) {
    var encoder = new WiredEncodingHandler(new RelativeThreshold(0.9), null, null, false);
    var former = new EncodedGradientsAccumulator(1, encoder, 1 << 20, 2, null, false);
    return new SharedUpdates(former, encoder, PARAMETERS, new ReplicaLayout(1, replicas));
  }
}
