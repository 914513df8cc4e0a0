package flowmatching.flow;

import flowmatching.flow.RandomStream.Purpose;
import java.io.Serializable;

/**
 * A pseudo-random permutation of [0, count) without a table: a Feistel network over the smallest
 * sufficient even number of bits, repeated until the result is below count (cycle walking, Black
 * and Rogaway 2002, "Ciphers with arbitrary finite domains").
 *
 * @param count number of ids, at least 1
 */
public record Permutation(long seed, int epoch, long count) implements Serializable {
  private static final int ROUNDS = 6;

  /**
   * The position of an id in the order.
   *
   * @throws IllegalArgumentException if the id is outside [0, count)
   */
  public long position(long id) {
    if (id < 0 || id >= count) {
      throw new IllegalArgumentException("Id " + id + " is outside [0, " + count + ")");
    }
    long place = id;
    do {
      place = feistel(place);
    } while (place >= count);
    return place;
  }

  private long feistel(long value) {
    int half = Math.max(1, (64 - Long.numberOfLeadingZeros(count - 1) + 1) / 2);
    long mask = (1L << half) - 1;
    long left = value >>> half;
    long right = value & mask;
    for (int round = 0; round < ROUNDS; round++) {
      long id = (long) round << 56 | right;
      long mixed = left ^ (new RandomStream(seed, Purpose.SHUFFLE, epoch, id).word() & mask);
      left = right;
      right = mixed;
    }
    return left << half | right;
  }
}
