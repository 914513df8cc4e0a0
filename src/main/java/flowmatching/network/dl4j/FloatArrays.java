package flowmatching.network.dl4j;

import flowmatching.base.settings.ImageShape;
import flowmatching.flow.ImageBatch;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Copies between ND4J's arrays and Java's float arrays. */
final class FloatArrays {
  private FloatArrays() {}

  /** A copy of an array's values in C order. */
  static float[] of(INDArray array) {
    try (INDArray copy = array.dup('c')) {
      return copy.data().asFloat();
    }
  }

  /** An array {@code [N, C, H, W]}, which the caller closes. */
  static INDArray of(ImageBatch batch) {
    ImageShape shape = batch.shape();
    return Nd4j.create(
        batch.values(),
        new long[] {batch.images(), shape.channels(), shape.height(), shape.width()},
        'c');
  }

  /** An array {@code [N, 1]}, which the caller closes. */
  static INDArray column(float[] values) {
    return Nd4j.create(values, new long[] {values.length, 1}, 'c');
  }
}
