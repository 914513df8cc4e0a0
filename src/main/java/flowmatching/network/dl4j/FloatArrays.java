package flowmatching.network.dl4j;

import flowmatching.base.settings.ImageShape;
import flowmatching.flow.ImageBatch;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J's arrays as floats of Java, and back. */
final class FloatArrays {
  private FloatArrays() {}

  /** A copy of an array's values in C order, in bulk if the processor has them. */
  static float[] of(INDArray array) {
    if (Kernels.ofBackend() == Kernels.HOST && array.ordering() == 'c' && !array.isView()) {
      return HostArray.copy(array);
    }
    try (INDArray copy = array.dup('c')) {
      return copy.data().asFloat();
    }
  }

  /** An array {@code [N, C, H, W]}, for the caller to close. */
  static INDArray of(ImageBatch batch) {
    ImageShape shape = batch.shape();
    return Nd4j.create(
        batch.values(),
        new long[] {batch.images(), shape.channels(), shape.height(), shape.width()},
        'c');
  }

  /** An array {@code [N, 1]}, for the caller to close. */
  static INDArray column(float[] values) {
    return Nd4j.create(values, new long[] {values.length, 1}, 'c');
  }

  /** DL4J 1.0.0-M1.1 keeps a network's output to itself. */
  static void closeIfAllowed(INDArray array) {
    if (array.closeable()) {
      array.close();
    }
  }
}
