package flowmatching.means.preflight;

import flowmatching.base.settings.ModelSettings;
import flowmatching.network.dl4j.UNet;
import java.util.List;

/**
 * An estimate of the bytes that training a network takes outside the heap, from the values that a
 * forward pass keeps and measured bytes per value of a training step.
 *
 * @param values of all layers' outputs per image
 * @param scores of the largest attention per image
 * @param parameters of the network
 */
record MemoryNeed(long values, long scores, long parameters) {
  /** The Java process without its heap, with ND4J's libraries. */
  static final long PROCESS_BYTES = 300L << 20;

  /** Parameters, gradients, and a copy between native memory and heap. */
  private static final long BYTES_PER_PARAMETER = 3 * Float.BYTES;

  /** Gradients; copies of the network share its parameters. */
  private static final long BYTES_PER_PARAMETER_OF_COPY = Float.BYTES;

  /** Measured: values, their gradients, and work space of oneDNN and convolutions. */
  private static final long BYTES_PER_VALUE = 3 * Float.BYTES;

  /** Scores and their gradients; a thread keeps those of one image at a time. */
  private static final long BYTES_PER_SCORE = 2 * Float.BYTES;

  static MemoryNeed of(ModelSettings model) {
    return new MemoryNeed(values(model), model.largestScores(), UNet.parameterCount(model));
  }

  /**
   * Bytes of the arrays of some replicas, with the images and threads of each.
   *
   * @param pieceImages that a thread computes at once
   */
  long ofArrays(int replicas, int images, int threads, int pieceImages) {
    long atOnce = Math.min(images, (long) pieceImages * threads);
    long ofParameters = BYTES_PER_PARAMETER + (threads - 1) * BYTES_PER_PARAMETER_OF_COPY;
    return replicas
        * (parameters * ofParameters
            + atOnce * values * BYTES_PER_VALUE
            + threads * scores * BYTES_PER_SCORE);
  }

  private static long values(ModelSettings model) {
    List<Integer> channels = model.channels();
    long pixels = (long) model.image().height() * model.image().width();
    long values = pixels * channels.get(0);
    for (int level = 0; level + 1 < channels.size(); level++) {
      int in = channels.get(level);
      int out = channels.get(level + 1);
      int up = level > 0 ? in : ModelSettings.LAST_CHANNELS;
      // The down block, and the up block of the same size with its skip connection.
      values += residual(pixels, in, out) + residual(pixels, 2L * out, up) + 3 * pixels * out;
      if (model.attention().get(level)) {
        values += attention(pixels, out, model) + attention(pixels, up, model);
      }
      pixels = model.downSample().get(level) ? pixels / 4 : pixels;
    }
    List<Integer> middle = model.midChannels();
    for (int i = 0; i + 1 < middle.size(); i++) {
      int out = middle.get(i + 1);
      values +=
          residual(pixels, middle.get(i), out)
              + attention(pixels, out, model)
              + residual(pixels, out, out);
    }
    return values;
  }

  private static long residual(long pixels, long in, long out) {
    return pixels * (in + 3 * out);
  }

  private static long attention(long pixels, long channels, ModelSettings model) {
    return pixels * (6 * channels + 2L * model.heads());
  }
}
