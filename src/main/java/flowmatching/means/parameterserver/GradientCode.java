package flowmatching.means.parameterserver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Gradients quantised to one byte per value. Each value of a block of {@value #BLOCK} is rounded to
 * a multiple of the block's quantum, from -127 to 127 quanta. A quantum is {@code 2 * threshold}
 * times the block's root mean square, or larger if the largest value needs it; values below half a
 * quantum become 0. The rounding error of each value is added to the next gradient (error feedback:
 * Seide et al. 2014; Karimireddy et al. 2019, arXiv:1901.09847).
 *
 * <p>Each sender has one. Not thread-safe.
 */
final class GradientCode {
  static final int BLOCK = 1024;

  private static final byte EXACT = 0;
  private static final byte QUANTISED = 1;
  private static final int MOST_QUANTA = Byte.MAX_VALUE;

  /** 1.5 * 2^23: floats this large have no fraction, so that adding it rounds to an integer. */
  private static final float ROUND = 12_582_912;

  private final double threshold;
  private final float[] residual;

  /** The threshold is a share of a block's root mean square. */
  GradientCode(int length, double threshold) {
    this.threshold = threshold;
    this.residual = new float[length];
  }

  /**
   * An encoded gradient.
   *
   * @param zeros share of the values that are encoded as 0
   * @param threshold mean of the blocks' thresholds
   */
  // Never compared.
  @SuppressWarnings("ArrayRecordComponent")
  record Encoded(byte[] body, double zeros, double threshold) {}

  /** Encodes a gradient and all earlier rounding errors as floats; no error remains. */
  Encoded exact(float[] gradient) {
    ByteBuffer body = ByteBuffer.allocate(1 + Float.BYTES * gradient.length);
    body.order(ByteOrder.LITTLE_ENDIAN).put(EXACT);
    for (int i = 0; i < gradient.length; i++) {
      body.putFloat(gradient[i] + residual[i]);
    }
    Arrays.fill(residual, 0);
    return new Encoded(body.array(), 0, 0);
  }

  /** Encodes a gradient and earlier rounding errors in quanta. */
  Encoded quantised(float[] gradient) {
    int blocks = blocks(gradient.length);
    ByteBuffer body = ByteBuffer.allocate(quantisedBytes(gradient.length));
    body.order(ByteOrder.LITTLE_ENDIAN).put(QUANTISED);
    int numbersAt = 1 + blocks * Float.BYTES;
    int zeros = 0;
    double thresholds = 0;
    for (int from = 0; from < gradient.length; from += BLOCK) {
      int to = Math.min(from + BLOCK, gradient.length);
      float quantum = quantum(gradient, from, to);
      body.putFloat(quantum);
      zeros += quantise(from, to, quantum, body.array(), numbersAt);
      thresholds += quantum / 2;
    }
    return new Encoded(body.array(), (double) zeros / gradient.length, thresholds / blocks);
  }

  /** Adds a block of the gradient to the rounding errors, and returns the block's quantum. */
  private float quantum(float[] gradient, int from, int to) {
    double squares = 0;
    float largest = 0;
    for (int i = from; i < to; i++) {
      residual[i] += gradient[i];
      squares += (double) residual[i] * residual[i];
      largest = Math.max(largest, Math.abs(residual[i]));
    }
    float quantum =
        (float)
            Math.max(
                2 * threshold * Math.sqrt(squares / (to - from)), largest / (double) MOST_QUANTA);
    // Its inverse must be finite as well.
    return quantum < Float.MIN_NORMAL ? 0 : quantum;
  }

  /** Returns the number of zeros in the block. */
  private int quantise(int from, int to, float quantum, byte[] numbers, int numbersAt) {
    float inverse = quantum == 0 ? 0 : 1 / quantum;
    int zeros = 0;
    for (int i = from; i < to; i++) {
      float quanta = Math.max(-MOST_QUANTA, Math.min(MOST_QUANTA, residual[i] * inverse));
      quanta = (quanta + ROUND) - ROUND;
      numbers[numbersAt + i] = (byte) (int) quanta;
      residual[i] -= quanta * quantum;
      zeros += quanta == 0 ? 1 : 0;
    }
    return zeros;
  }

  /**
   * Adds an encoded gradient to a sum.
   *
   * @throws IllegalArgumentException if the bytes do not encode a gradient of that length
   */
  static void addTo(float[] sum, byte[] body) {
    if (body.length == 1 + Float.BYTES * sum.length && body[0] == EXACT) {
      ByteBuffer values = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN).position(1);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += values.getFloat();
      }
    } else if (body.length == quantisedBytes(sum.length) && body[0] == QUANTISED) {
      addQuantised(sum, body);
    } else {
      throw new IllegalArgumentException(
          "its %d bytes do not encode %d values".formatted(body.length, sum.length));
    }
  }

  private static void addQuantised(float[] sum, byte[] body) {
    ByteBuffer quanta = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN).position(1);
    int numbersAt = 1 + blocks(sum.length) * Float.BYTES;
    for (int from = 0; from < sum.length; from += BLOCK) {
      float quantum = quanta.getFloat();
      int to = Math.min(from + BLOCK, sum.length);
      for (int i = from; i < to; i++) {
        sum[i] += body[numbersAt + i] * quantum;
      }
    }
  }

  /** The most bytes of an encoded gradient. */
  static long mostBytes(int length) {
    return Math.max(1 + (long) Float.BYTES * length, quantisedBytes(length));
  }

  private static int blocks(int length) {
    return (length + BLOCK - 1) / BLOCK;
  }

  private static int quantisedBytes(int length) {
    return 1 + blocks(length) * Float.BYTES + length;
  }
}
