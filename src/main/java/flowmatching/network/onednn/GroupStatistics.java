package flowmatching.network.onednn;

import java.nio.FloatBuffer;

/**
 * What a group norm computes once per channel and image, from means and sums over pixels: see
 * {@link GroupNormLayer} for the names. All tensors are {@code [N, padded C]} or {@code [padded
 * C]}.
 *
 * @param weight w
 * @param bias b
 * @param padded the distance between rows of a tensor
 */
record GroupStatistics(
    FloatBuffer weight, FloatBuffer bias, int channels, int groups, int pixels, int padded) {
  static final float EPSILON = 1e-5f;

  private int width() {
    return channels / groups;
  }

  /**
   * The means and variances of channels to those of groups.
   *
   * @param channelMeans of x
   * @param channelVariances of x
   * @param offsets o, {@code [N, C]}; may be null
   * @param means m - o
   * @param variances v
   */
  void ofGroups(
      int image,
      Tensor channelMeans,
      Tensor channelVariances,
      Tensor offsets,
      Tensor means,
      Tensor variances) {
    int row = image * padded;
    FloatBuffer mean = channelMeans.floats();
    FloatBuffer variance = channelVariances.floats();
    for (int first = 0; first < channels; first += width()) {
      double sum = 0;
      for (int c = first; c < first + width(); c++) {
        sum += mean.get(row + c) + offset(offsets, image, c);
      }
      double ofGroup = sum / width();
      double squares = 0;
      for (int c = first; c < first + width(); c++) {
        double difference = mean.get(row + c) + offset(offsets, image, c) - ofGroup;
        squares += variance.get(row + c) + difference * difference;
      }
      for (int c = first; c < first + width(); c++) {
        means.floats().put(row + c, (float) (ofGroup - offset(offsets, image, c)));
        variances.floats().put(row + c, (float) (squares / width()));
      }
    }
  }

  private float offset(Tensor offsets, int image, int channel) {
    return offsets == null ? 0 : offsets.floats().get(image * channels + channel);
  }

  /** A and B. */
  void affine(int image, Tensor means, Tensor variances, Tensor a, Tensor b) {
    int row = image * padded;
    for (int c = 0; c < channels; c++) {
      double factor = weight.get(c) / Math.sqrt(variances.floats().get(row + c) + EPSILON);
      a.floats().put(row + c, (float) factor);
      b.floats().put(row + c, (float) (bias.get(c) - factor * means.floats().get(row + c)));
    }
  }

  /**
   * P and Q.
   *
   * @param products the sums of g (x + o - m) s over the image's pixels
   * @param sums of g over the image's pixels
   */
  void throughStatistics(
      int image,
      Tensor means,
      Tensor variances,
      FloatBuffer products,
      FloatBuffer sums,
      FloatBuffer p,
      FloatBuffer q) {
    int row = image * padded;
    double values = (double) width() * pixels;
    for (int first = 0; first < channels; first += width()) {
      double sum = 0;
      double product = 0;
      for (int c = first; c < first + width(); c++) {
        sum += (double) weight.get(c) * sums.get(c);
        product += (double) weight.get(c) * products.get(c);
      }
      double s = 1 / Math.sqrt(variances.floats().get(row + first) + EPSILON);
      double ofX = -s * s * product / values;
      for (int c = first; c < first + width(); c++) {
        p.put(c, (float) ofX);
        q.put(c, (float) (-s * sum / values - ofX * means.floats().get(row + c)));
      }
    }
  }

  /** The gradients of the offsets: the sums over pixels of A g + P x + Q. */
  void ofOffsets(
      int image,
      Tensor a,
      Tensor channelMeans,
      FloatBuffer sums,
      FloatBuffer p,
      FloatBuffer q,
      Tensor gradients) {
    int row = image * padded;
    for (int c = 0; c < channels; c++) {
      double throughStatistics =
          pixels * ((double) p.get(c) * channelMeans.floats().get(row + c) + q.get(c));
      double direct = (double) a.floats().get(row + c) * sums.get(c);
      gradients.floats().put(image * channels + c, (float) (direct + throughStatistics));
    }
  }
}
