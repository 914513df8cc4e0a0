package flowmatching.parameterserver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Gradients as bytes, four bits a value. In each block of {@value #BLOCK} values, a value is sent
 * as a whole number of quanta, from -7 to 7, and a quantum is {@code 2 * threshold} times the
 * block's root mean square: what is below the threshold is sent as 0. What is left of each value is
 * kept and added to the next gradient (error feedback: Seide et al. 2014; Karimireddy et al. 2019,
 * arXiv:1901.09847).
 *
 * <p>A sender has one; it is not for several threads.
 */
final class GradientCode {
  static final int BLOCK = 1024;

  private static final byte EXACT = 0;
  private static final byte QUANTISED = 1;
  private static final int MOST_QUANTA = 7;

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
    byte[] numbers = new byte[BLOCK];
    int zeros = 0;
    double thresholds = 0;
    for (int from = 0; from < gradient.length; from += BLOCK) {
      int to = Math.min(from + BLOCK, gradient.length);
      float quantum = quantum(gradient, from, to);
      body.putFloat(quantum);
      quantise(from, to, quantum, numbers);
      zeros += pack(numbers, to - from, body.array(), numbersAt + from / 2);
      thresholds += quantum / 2;
    }
    return new Encoded(body.array(), (double) zeros / gradient.length, thresholds / blocks);
  }

  /** Adds the gradient to what is left over, and returns the block's quantum. */
  private float quantum(float[] gradient, int from, int to) {
    double squares = 0;
    for (int i = from; i < to; i++) {
      residual[i] += gradient[i];
      squares += residual[i] * residual[i];
    }
    float quantum = (float) (2 * threshold * Math.sqrt(squares / (to - from)));
    // Its inverse must be a number, too.
    return quantum < Float.MIN_NORMAL ? 0 : quantum;
  }

  private void quantise(int from, int to, float quantum, byte[] numbers) {
    float inverse = quantum == 0 ? 0 : 1 / quantum;
    for (int i = from; i < to; i++) {
      float quanta = Math.max(-MOST_QUANTA, Math.min(MOST_QUANTA, residual[i] * inverse));
      quanta = (quanta + ROUND) - ROUND;
      numbers[i - from] = (byte) (int) quanta;
      residual[i] -= quanta * quantum;
    }
  }

  /** Two numbers a byte; returns how many are 0. */
  private static int pack(byte[] numbers, int count, byte[] packed, int at) {
    int zeros = 0;
    for (int i = 0; i < count; i++) {
      zeros += numbers[i] == 0 ? 1 : 0;
      packed[at + i / 2] |= (byte) ((numbers[i] & 0xf) << (i % 2 * 4));
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
        // The number's four bits, with its sign.
        int number = body[numbersAt + i / 2] << (28 - i % 2 * 4) >> 28;
        sum[i] += number * quantum;
      }
    }
  }

  private static int blocks(int length) {
    return (length + BLOCK - 1) / BLOCK;
  }

  private static int quantisedBytes(int length) {
    return 1 + blocks(length) * Float.BYTES + (length + 1) / 2;
  }
}
