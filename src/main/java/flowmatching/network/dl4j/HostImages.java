package flowmatching.network.dl4j;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A batch {@code [N, C, H, W]} as N matrices {@code [C, L]}, L = H W pixels. */
record HostImages(HostArray values, int images, int channels, int pixels) {
  HostImages {
    // Kernels index the values of an image in 32 bits.
    Math.multiplyExact(channels, pixels);
  }

  static HostImages of(INDArray batch) {
    return new HostImages(
        HostArray.of(batch),
        Math.toIntExact(batch.size(0)),
        Math.toIntExact(batch.size(1)),
        Math.toIntExact(Math.multiplyExact(batch.size(2), batch.size(3))));
  }

  /** An image's values, {@code [C, L]}. */
  FloatBuffer values(int image) {
    return values.part((long) image * channels * pixels, channels * pixels);
  }

  /** An image's matrix {@code [C, L]}. */
  Gemm.Matrix matrix(int image) {
    return matrix(image, 0, channels);
  }

  /** Rows of an image from a channel, {@code [rows, L]}. */
  Gemm.Matrix matrix(int image, int channel, int rows) {
    return new Gemm.Matrix(values.at(((long) image * channels + channel) * pixels), rows, pixels);
  }
}
