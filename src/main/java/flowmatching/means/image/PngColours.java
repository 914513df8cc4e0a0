package flowmatching.means.image;

import java.io.IOException;
import java.util.Arrays;

/** A PNG file's colour type. */
enum PngColours {
  GREY(0, 1, 1, 16),
  RGB(2, 3, 8, 16),
  PALETTE(3, 1, 1, 8),
  GREY_ALPHA(4, 2, 8, 16),
  RGB_ALPHA(6, 4, 8, 16);

  private final int type;
  private final int samples;
  private final int minDepth;
  private final int maxDepth;

  PngColours(int type, int samples, int minDepth, int maxDepth) {
    this.type = type;
    this.samples = samples;
    this.minDepth = minDepth;
    this.maxDepth = maxDepth;
  }

  /**
   * The colour type with a number in the header.
   *
   * @throws IOException if PNG has no such type, or not with that bit depth
   */
  static PngColours of(int type, int depth) throws IOException {
    return Arrays.stream(values())
        .filter(colours -> colours.type == type && colours.has(depth))
        .findFirst()
        .orElseThrow(
            () ->
                new IOException(
                    "PNG has no colour type %d with a bit depth of %d".formatted(type, depth)));
  }

  private boolean has(int depth) {
    return depth >= minDepth && depth <= maxDepth && Integer.bitCount(depth) == 1;
  }

  boolean hasAlpha() {
    return this == GREY_ALPHA || this == RGB_ALPHA;
  }

  /** Whether a tRNS chunk has a valid length: alphas of a palette, or one 16-bit colour. */
  boolean canHave(byte[] transparency) {
    return this == PALETTE || transparency.length == Short.BYTES * samples;
  }

  /** Channels without alpha: 1 for grey, 3 for RGB and palettes. */
  int channels() {
    return this == GREY || this == GREY_ALPHA ? 1 : 3;
  }
}
