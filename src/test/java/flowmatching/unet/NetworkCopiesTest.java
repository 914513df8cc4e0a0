package flowmatching.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.Computes;
import flowmatching.failure.RunFailure;
import flowmatching.model.TinyModel;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

@Computes
class NetworkCopiesTest {
  private final ComputationGraph network = UNet.create(TinyModel.settings(1), new NoOp());

  @AfterEach
  void close() {
    network.close();
  }

  @ParameterizedTest
  @CsvSource({"1, 4", "5, 2", "130, 1", "130, 2", "200, 3"})
  void theVelocityIsThatOfTheNetworkWhoeverComputesIt(int images, int threads) {
    UNet.initialise(network, 1);
    INDArray x = Nd4j.randn(DataType.FLOAT, images, 1, 8, 8);
    INDArray whole = network.outputSingle(x, Nd4j.valueArrayOf(new long[] {images, 1}, 0.3f));
    try (NetworkCopies copies = new NetworkCopies(network, threads)) {
      INDArray velocity = new NetworkVelocity(copies).at(x, 0.3);
      assertThat(velocity.distance2(whole)).isLessThan(1e-5 * whole.norm2Number().doubleValue());
    }
  }

  @Test
  void aCopyHasTheNetworksParametersAlsoOnceTheyChange() {
    try (NetworkCopies copies = new NetworkCopies(network, 2)) {
      network.params().assign(2);
      assertThat(copies.share(2, (copy, pieces) -> copy.params().meanNumber().doubleValue()))
          .containsExactly(2.0, 2.0);
    }
    assertThat(network.params().meanNumber().doubleValue()).isEqualTo(2);
  }

  @Test
  void allImagesAreSharedOutOnceInOrderInEqualPiecesOfAtMost64() {
    try (NetworkCopies copies = new NetworkCopies(network, 2)) {
      assertThat(copies.<List<NetworkCopies.Piece>>share(201, (copy, pieces) -> pieces))
          .containsExactly(
              List.of(new NetworkCopies.Piece(0, 50), new NetworkCopies.Piece(50, 100)),
              List.of(new NetworkCopies.Piece(100, 150), new NetworkCopies.Piece(150, 201)));
    }
  }

  @Test
  void whatAnotherThreadThrowsIsThrown() {
    try (NetworkCopies copies = new NetworkCopies(network, 2)) {
      assertThatThrownBy(
              () ->
                  copies.share(
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
  }

  @Test
  void whereOneThreadFailsTheOthersHaveEndedOnceThatIsKnown() {
    CountDownLatch failed = new CountDownLatch(1);
    AtomicBoolean ended = new AtomicBoolean();
    try (NetworkCopies copies = new NetworkCopies(network, 2)) {
      assertThatThrownBy(
              () ->
                  copies.share(
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
  }

  /** A moment longer, in which a caller that does not wait would go on. */
  private static void waitFor(CountDownLatch failed) {
    try {
      failed.await();
      TimeUnit.MILLISECONDS.sleep(200);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
