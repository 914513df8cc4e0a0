package flowmatching.parameterserver;

import flowmatching.failure.RunFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.deeplearning4j.optimize.api.StepFunction;
import org.deeplearning4j.optimize.solvers.accumulation.EncodedGradientsAccumulator;
import org.deeplearning4j.optimize.solvers.accumulation.EncodingHandler;
import org.deeplearning4j.optimize.solvers.accumulation.IndexedTail;
import org.deeplearning4j.spark.parameterserver.networking.v2.WiredEncodingHandler;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.compression.ThresholdCompression;
import org.nd4j.linalg.factory.Nd4j;

/**
 * How the replicas of a JVM share their updates with each other and with other JVMs, in place of
 * DL4J's accumulator, which sends every replica's update to all others, also to its neighbour in
 * memory, as plus or minus one threshold.
 *
 * <p>Here the replicas of a JVM add their updates up in full precision. What goes to other JVMs is
 * the sum, encoded by DL4J in {@value #PASSES} passes, each of what the ones before left over; what
 * is left in the end is kept for the next step and the next round. The replicas of a JVM all apply
 * the same, and so stay the same.
 */
final class SharedUpdates extends EncodedGradientsAccumulator {
  private static final int PASSES = 3;

  /** A replica waits for its neighbours no longer than this: one of them has failed. */
  private static final long PATIENCE_S = 300;

  private final boolean local;
  private final EncodingHandler encoder;
  private final List<Thread> replicas = new ArrayList<>();
  private final List<INDArray> stored = new ArrayList<>();
  private final INDArray residual;
  private final INDArray shared;
  private CyclicBarrier step = new CyclicBarrier(1);

  /**
   * In place of {@code former}.
   *
   * @param parameters of a replica, for their number
   */
  SharedUpdates(
      EncodedGradientsAccumulator former,
      WiredEncodingHandler encoder,
      long parameters,
      ReplicaLayout layout) {
    super(1, encoder, parameters, 1, Integer.MAX_VALUE, false);
    this.encoder = encoder;
    this.local = layout.jvms() == 1;
    setExternalSource(former.getExternalSource());
    residual = Nd4j.create(parameters);
    shared = Nd4j.create(parameters);
    for (int replica = 0; replica < layout.perJvm(); replica++) {
      stored.add(Nd4j.create(parameters));
    }
  }

  /** DL4J says how many replicas take the next step, while all of them are idle. */
  @Override
  public void registerConsumers(int consumers) {
    if (step.getParties() != consumers) {
      step = new CyclicBarrier(consumers);
    }
  }

  @Override
  public void fallbackToSingleConsumerMode(boolean single) {
    // One replica waits for itself, which costs nothing.
  }

  @Override
  public void storeUpdate(INDArray update, int iteration, int epoch) {
    slotOf(Thread.currentThread()).assign(update);
    if (await() == 0) {
      share(iteration, epoch);
    }
    await();
  }

  private synchronized INDArray slotOf(Thread replica) {
    int slot = replicas.indexOf(replica);
    if (slot < 0) {
      slot = replicas.size();
      replicas.add(replica);
    }
    return stored.get(slot);
  }

  /** One of the replicas does this while the others wait. */
  private void share(int iteration, int epoch) {
    INDArray sum = local ? shared.assign(0) : residual;
    for (int slot = 0; slot < step.getParties(); slot++) {
      sum.addi(stored.get(slot));
    }
    if (!local) {
      shared.assign(0);
      for (int pass = 0; pass < PASSES; pass++) {
        encoder.broadcastUpdates(residual, iteration, epoch);
      }
    }
  }

  /** What this JVM has just sent comes back here. */
  @Override
  public void receiveUpdate(INDArray encoded) {
    if (encoded.data().getInt(3) == ThresholdCompression.BITMAP_ENCODING) {
      Nd4j.getExecutioner().bitmapDecode(encoded, shared);
    } else {
      Nd4j.getExecutioner().thresholdDecode(encoded, shared);
    }
  }

  @Override
  public void applyUpdate(
      StepFunction function, INDArray parameters, INDArray updates, boolean ownStep) {
    if (ownStep) {
      updates.assign(shared);
    } else {
      updates.assign(0);
    }
    IndexedTail fromOtherJvms = externalSource;
    if (fromOtherJvms != null && fromOtherJvms.hasAnything()) {
      fromOtherJvms.drainTo(updates);
    }
    function.step(parameters, updates);
  }

  private int await() {
    try {
      return step.await(PATIENCE_S, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunFailure("A replica was interrupted while it shared its update.", e);
    } catch (BrokenBarrierException | TimeoutException e) {
      throw new RunFailure(
          "A replica has waited %d s for the others of its JVM to end their step: one of them has failed, and its log says why."
              .formatted(PATIENCE_S),
          e);
    }
  }

  /** Between rounds other threads become the replicas; what was not sent stays. */
  @Override
  public synchronized void reset() {
    replicas.clear();
  }

  @Override
  public void touch() {
    // Replicas are known by their first update.
  }
}
