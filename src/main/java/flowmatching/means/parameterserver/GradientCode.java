package flowmatching.means.parameterserver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Gradients as bytes, one a value. In each block of {@value #BLOCK} values, a value is sent as a
 * whole number of quanta, from -127 to 127, and a quantum is {@code 2 * threshold} times the
 * block's root mean square, or more where the largest value asks for it: what is below half of it
 * is sent as 0. What is left of each value is kept and added to the next gradient (error feedback:
 * Seide et al. 2014; Karimireddy et al. 2019, arXiv:1901.09847).
 *
 * <p>A sender has one; it is not for several threads.
 */
final class GradientCode {
  static final int BLOCK = 1024;

  private static final byte EXACT = 0;
  private static final byte QUANTISED = 1;
  private static final int MOST_QUANTA = Byte.MAX_VALUE;

  /** 1.5 * 2^23: a float this large has no fraction, so that adding it rounds. */
  private static final float ROUND = 12_582_912;

  private final double threshold;
  private final float[] residual;

  /**
   * A code without anything left over yet.
   *
   * @param length values of a gradient
   * @param threshold as a share of a block's root mean square
   */
  GradientCode(int length, double threshold) {
    this.threshold = threshold;
    this.residual = new float[length];
  }

  /**
   * A gradient in bytes.
   *
   * @param zeros the share of the values that were sent as 0
   * @param threshold the mean of the blocks' thresholds
   */
  // It is compared nowhere.
  @SuppressWarnings("ArrayRecordComponent")
  record Encoded(byte[] body, double zeros, double threshold) {}

  /** A gradient, with all that was left over before, in full: nothing is left over after it. */
  Encoded exact(float[] gradient) {
    ByteBuffer body = ByteBuffer.allocate(1 + Float.BYTES * gradient.length);
    body.order(ByteOrder.LITTLE_ENDIAN).put(EXACT);
    for (int i = 0; i < gradient.length; i++) {
      body.putFloat(gradient[i] + residual[i]);
    }
    Arrays.fill(residual, 0);
    return new Encoded(body.array(), 0, 0);
  }

  /** A gradient, with what was left over before, in quanta. */
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

  /** Adds the gradient to what is left over, and returns the block's quantum. */
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
    // Its inverse must be a number, too.
    return quantum < Float.MIN_NORMAL ? 0 : quantum;
  }

  /** Returns how many of the numbers are 0. */
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
   * Adds a gradient that was sent to a sum.
   *
   * @throws IllegalArgumentException where the bytes are not a gradient of that length
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
          "its %d bytes are no code of %d values".formatted(body.length, sum.length));
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

  /** The most bytes of a gradient of so many values. */
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
