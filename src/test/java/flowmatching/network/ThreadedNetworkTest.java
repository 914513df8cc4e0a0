package flowmatching.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import flowmatching.Computes;
import flowmatching.Norms;
import flowmatching.RandomBatches;
import flowmatching.base.failure.RunFailure;
import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.Precision;
import flowmatching.flow.Condition;
import flowmatching.flow.ImageBatch;
import flowmatching.flow.Minibatch;
import flowmatching.means.model.TinyModel;
import flowmatching.network.dl4j.UNet;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.factory.Nd4j;

@Computes
class ThreadedNetworkTest {
  private final Network network = TinyModel.network(1, 1);
  private ThreadedNetwork threaded;

  @AfterEach
  void close() {
    network.close();
    if (threaded != null) {
      threaded.close();
    }
  }

  private ThreadedNetwork threaded(int threads) {
    threaded = (ThreadedNetwork) UNet.create(TinyModel.settings(1), Precision.FLOAT32, threads);
    threaded.assign(TinyModel.parameters(1, 1));
    return threaded;
  }

  @ParameterizedTest
  @CsvSource({"1, 4", "5, 2", "130, 1", "130, 2", "200, 3"})
  void theVelocityDoesNotDependOnTheThreads(int images, int threads) {
    ImageBatch x = RandomBatches.images(TinyModel.settings(1).image(), images, 3);
    ImageBatch velocity = threaded(threads).velocity(x, List.of(Condition.time(0.3, images)));
    for (int from = 0; from < images; from += 20) {
      int to = Math.min(from + 20, images);
      ImageBatch alone =
          network.velocity(x.slice(from, to), List.of(Condition.time(0.3, to - from)));
      assertThat(Norms.distance(velocity.slice(from, to).values(), alone.values()))
          .isLessThan(1e-5 * Norms.of(alone.values()));
    }
  }

  /**
   * With 65 images and one thread, there are two pieces; with 2 images and 3 threads, one is idle.
   */
  @ParameterizedTest
  @CsvSource({"65, 1", "150, 1", "2, 3", "64, 2", "200, 3"})
  void theGradientIsTheSumOverAllImagesForAnyNumberOfThreads(int images, int threads) {
    Minibatch minibatch = RandomBatches.minibatch(TinyModel.settings(1).image(), images, 1);
    int length = network.layout().length();
    float[] inPieces = new float[length];
    Arrays.fill(inPieces, 99);
    double loss = threaded(threads).gradient(minibatch, inPieces);

    double losses = 0;
    double[] sum = new double[length];
    float[] ofSome = new float[length];
    for (int from = 0; from < images; from += 20) {
      losses += network.gradient(minibatch.slice(from, Math.min(from + 20, images)), ofSome);
      for (int i = 0; i < length; i++) {
        sum[i] += ofSome[i];
      }
    }
    assertThat(loss).isCloseTo(losses, within(1e-5 * losses));
    assertThat(Norms.distance(inPieces, sum)).isLessThan(1e-5 * Norms.of(inPieces));
  }

  @Test
  void aCopyHasTheNetworksParametersAfterTheyChange() {
    float[] twos = new float[network.layout().length()];
    Arrays.fill(twos, 2);
    ThreadedNetwork both = threaded(2);
    both.assign(twos);
    assertThat(both.share(2, (copy, pieces) -> copy.parameters())).containsExactly(twos, twos);
  }

  @Test
  void allImagesAreSplitInOrderIntoEqualPieces() {
    threaded = new ThreadedNetwork(TinyModel.network(1, 1), 2, 64, () -> {});
    assertThat(threaded.<List<ThreadedNetwork.Piece>>share(201, (copy, pieces) -> pieces))
        .containsExactly(
            List.of(new ThreadedNetwork.Piece(0, 50), new ThreadedNetwork.Piece(50, 100)),
            List.of(new ThreadedNetwork.Piece(100, 150), new ThreadedNetwork.Piece(150, 201)));
  }

  @Test
  void anExceptionOfAnotherThreadIsRethrown() {
    ThreadedNetwork both = threaded(2);
    assertThatThrownBy(
            () ->
                both.share(
                    2,
                    (copy, pieces) -> {
                      if (pieces.get(0).from() > 0) {
                        throw new RunFailure("as planned");
                      }
                      return copy;
                    }))
        .isInstanceOf(RunFailure.class)
        .hasMessage("as planned");
  }

  @Test
  void ifOneThreadFailsTheOthersEndBeforeTheCallReturns() {
    CountDownLatch failed = new CountDownLatch(1);
    AtomicBoolean ended = new AtomicBoolean();
    ThreadedNetwork both = threaded(2);
    assertThatThrownBy(
            () ->
                both.share(
                    2,
                    (copy, pieces) -> {
                      if (pieces.get(0).from() == 0) {
                        failed.countDown();
                        throw new RunFailure("as planned");
                      }
                      waitFor(failed);
                      ended.set(true);
                      return copy;
                    }))
        .hasMessage("as planned");
    assertThat(ended).isTrue();
  }

  /** Waits a moment longer, in which a caller that does not wait would continue. */
  private static void waitFor(CountDownLatch failed) {
    try {
      failed.await();
      TimeUnit.MILLISECONDS.sleep(200);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Memory outside the heap, which the garbage collector does not see. */
  @Test
  void passesDoNotLeakArrays() {
    ThreadedNetwork both = threaded(2);
    Minibatch minibatch = RandomBatches.minibatch(TinyModel.settings(1).image(), 20, 1);
    float[] gradient = new float[network.layout().length()];
    for (int i = 0; i < 3; i++) {
      pass(both, minibatch, gradient);
    }
    long before = Nd4j.getEnvironment().getDeviceCouner(0);
    for (int i = 0; i < 10; i++) {
      pass(both, minibatch, gradient);
    }
    assertThat(Nd4j.getEnvironment().getDeviceCouner(0) - before).isLessThan(10_000);
  }

  private static void pass(Network network, Minibatch minibatch, float[] gradient) {
    network.velocity(minibatch.points(), minibatch.conditions());
    network.gradient(minibatch, gradient);
    network.assign(network.parameters());
  }

  @Test
  void aPassThatFailsDoesNotLeakItsInput() {
    ImageBatch images = RandomBatches.images(new ImageShape(3, 128, 128), 4, 1);
    long before = Nd4j.getEnvironment().getDeviceCouner(0);
    assertThatThrownBy(() -> network.velocity(images, List.of(Condition.time(0.5, 4))))
        .isInstanceOf(RuntimeException.class);
    assertThat(Nd4j.getEnvironment().getDeviceCouner(0) - before)
        .isLessThan((long) images.values().length * Float.BYTES);
  }

  @Test
  void anUnknownConditionIsRefused() {
    ImageBatch images = RandomBatches.images(TinyModel.settings(1).image(), 1, 1);
    List<Condition> conditions =
        List.of(Condition.time(0.5, 1), new Condition("class", new float[] {1}));
    assertThatThrownBy(() -> network.velocity(images, conditions))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[time, class]");
  }
}
