package flowmatching.flow;

/**
 * A random stream that is a function of its fields: it does not depend on processes, order or
 * retries. Different fields give independent streams.
 *
 * <p>The numbers are the same on every machine: only integer arithmetic and {@link StrictMath}.
 *
 * @param seed of the run
 * @param epoch from 0; 0 if the purpose has no epochs
 * @param id of an image, parameter or similar
 */
public record RandomStream(long seed, Purpose purpose, int epoch, long id) {
  /** The use of a stream. Published samples depend on the codes: never change one. */
  public enum Purpose {
    TRAINING_NOISE(1),
    TRAINING_TIME(2),
    SHUFFLE(3),
    INITIAL_WEIGHTS(4),
    VALIDATION_NOISE(5),
    VALIDATION_TIME(6),
    SAMPLE_NOISE(7),
    BOOTSTRAP(8);

    private final int code;

    Purpose(int code) {
      this.code = code;
    }
  }

  private static final int WORDS = 4;
  private static final int PURPOSE_SHIFT = 24;
  private static final double WORD_TO_UNIT = 0x1p-32;

  /** Fills {@code out[from, from + count)} with the first {@code count} standard normals. */
  public void normals(float[] out, int from, int count) {
    int[] words = new int[WORDS];
    double[] normals = new double[WORDS];
    for (int done = 0; done < count; done += WORDS) {
      block(done / WORDS, words);
      boxMuller(words[0], words[1], normals, 0);
      boxMuller(words[2], words[3], normals, 2);
      for (int i = 0; i < Math.min(WORDS, count - done); i++) {
        out[from + done + i] = (float) normals[i];
      }
    }
  }

  /** Fills {@code out[from, from + count)} with uniforms in [low, high). */
  public void uniforms(float[] out, int from, int count, float low, float high) {
    int[] words = new int[WORDS];
    for (int done = 0; done < count; done += WORDS) {
      block(done / WORDS, words);
      for (int i = 0; i < Math.min(WORDS, count - done); i++) {
        out[from + done + i] = low + (high - low) * unit(words[i]);
      }
    }
  }

  /** The stream's first uniform, in [0, 1). */
  public float uniform() {
    return unit(word());
  }

  /** The stream's first 32 random bits. */
  int word() {
    int[] words = new int[WORDS];
    block(0, words);
    return words[0];
  }

  private void block(int number, int[] words) {
    if (number >>> PURPOSE_SHIFT != 0) {
      throw new IllegalArgumentException("A stream has at most 2^26 numbers");
    }
    words[0] = number | purpose.code << PURPOSE_SHIFT;
    words[1] = epoch;
    words[2] = (int) id;
    words[3] = (int) (id >>> 32);
    Philox.encrypt(words, seed);
  }

  private static float unit(int word) {
    return (word >>> 8) * 0x1p-24f;
  }

  /** Two independent standard normals from two words (Box and Muller 1958). */
  private static void boxMuller(int first, int second, double[] out, int at) {
    double radius =
        Math.sqrt(-2 * StrictMath.log((Integer.toUnsignedLong(first) + 0.5) * WORD_TO_UNIT));
    double angle = 2 * Math.PI * (Integer.toUnsignedLong(second) + 0.5) * WORD_TO_UNIT;
    out[at] = radius * StrictMath.cos(angle);
    out[at + 1] = radius * StrictMath.sin(angle);
  }
}
