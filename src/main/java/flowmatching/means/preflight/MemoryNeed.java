package flowmatching.means.preflight;

import flowmatching.base.settings.ModelSettings;
import flowmatching.network.ThreadedNetwork;
import flowmatching.network.dl4j.UNet;
import java.util.List;

/**
 * What training a network takes outside the heap, in bytes. It is an estimate: the values that a
 * forward pass keeps, times what was measured for a step of training.
 *
 * @param values that the layers give for one image
 * @param scores of the largest attention, for one image
 * @param parameters of the network
 */
record MemoryNeed(long values, long scores, long parameters) {
  /** The Java process without its heap, and ND4J's libraries. */
  static final long PROCESS_BYTES = 300L << 20;

  /** Parameters, gradients, and a vector on its way from or to the heap. */
  private static final long BYTES_PER_PARAMETER = 3 * Float.BYTES;

  /** Gradients; a copy of a network has no parameters of its own. */
  private static final long BYTES_PER_PARAMETER_OF_COPY = Float.BYTES;

  /** Measured: values with their gradients, and what oneDNN and convolutions need beside them. */
  private static final long BYTES_PER_VALUE = 3 * Float.BYTES;

  /** A thread has those of one image at a time, with their gradients. */
  private static final long BYTES_PER_SCORE = 2 * Float.BYTES;

  static MemoryNeed of(ModelSettings model) {
    return new MemoryNeed(
        new Values(model).all(), model.largestScores(), UNet.parameterCount(model));
  }

  /** Of arrays, of so many replicas, each on so many images by so many threads. */
  long ofArrays(int replicas, int images, int threads) {
    long atOnce = Math.min(images, (long) ThreadedNetwork.PIECE_IMAGES * threads);
    long ofParameters = BYTES_PER_PARAMETER + (threads - 1) * BYTES_PER_PARAMETER_OF_COPY;
    return replicas
        * (parameters * ofParameters
            + atOnce * values * BYTES_PER_VALUE
            + threads * scores * BYTES_PER_SCORE);
  }

  /** Counts the values of a network's layers for one image, block by block. */
  private record Values(ModelSettings model) {
    long all() {
      List<Integer> channels = model.channels();
      long pixels = (long) model.image().height() * model.image().width();
      long values = pixels * channels.get(0);
      int blocks = channels.size() - 1;
      for (int level = 0; level < blocks; level++) {
        int in = channels.get(level);
        int out = channels.get(level + 1);
        int up = level > 0 ? in : ModelSettings.LAST_CHANNELS;
        // The down block, and the up block of the same size with what it gets from there.
        values += residual(pixels, in, out) + residual(pixels, 2L * out, up) + 3 * pixels * out;
        if (model.attention().get(level)) {
          values += attention(pixels, out) + attention(pixels, up);
        }
        pixels = model.downSample().get(level) ? pixels / 4 : pixels;
      }
      List<Integer> middle = model.midChannels();
      for (int i = 0; i + 1 < middle.size(); i++) {
        int out = middle.get(i + 1);
        values +=
            residual(pixels, middle.get(i), out)
                + attention(pixels, out)
                + residual(pixels, out, out);
      }
      return values;
    }

    private static long residual(long pixels, long in, long out) {
      return pixels * (in + 3 * out);
    }

    private long attention(long pixels, long channels) {
      return pixels * (6 * channels + 2L * model.heads());
    }
  }
}
