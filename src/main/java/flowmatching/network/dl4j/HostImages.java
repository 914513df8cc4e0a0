package flowmatching.network.dl4j;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The images of a batch {@code [N, C, H, W]}, each a matrix of C rows of its pixels. */
record HostImages(HostArray values, int images, int channels, int pixels) {
  HostImages {
    // Kernels count the values of an image in 32 bits.
    Math.multiplyExact(channels, pixels);
  }

  static HostImages of(INDArray batch) {
    return new HostImages(
        HostArray.of(batch),
        Math.toIntExact(batch.size(0)),
        Math.toIntExact(batch.size(1)),
        Math.toIntExact(Math.multiplyExact(batch.size(2), batch.size(3))));
  }

  /** An image's values. */
  FloatBuffer values(int image) {
    return values.part((long) image * channels * pixels, channels * pixels);
  }

  Gemm.Matrix matrix(int image) {
    return matrix(image, 0);
  }

  /** An image's rows from a channel on. */
  Gemm.Matrix matrix(int image, int channel) {
    return new Gemm.Matrix(values.at(((long) image * channels + channel) * pixels), pixels);
  }
}
