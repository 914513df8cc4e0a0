package flowmatching.unet;

import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** What becomes of a minibatch that has been used. */
public final class Minibatches {
  private Minibatches() {}

  /**
   * Frees its features and labels. They are outside the heap, which would grow by a minibatch per
   * step until Java happens to collect.
   */
  public static void close(MultiDataSet minibatch) {
    Stream.of(minibatch.getFeatures(), minibatch.getLabels())
        .flatMap(Stream::of)
        .forEach(INDArray::close);
  }
}
