package flowmatching.means.image;

import java.io.IOException;
import java.util.Arrays;

/** What the samples of a PNG file's pixel are. */
enum PngColours {
  GREY(0, 1, 1, 16),
  RGB(2, 3, 8, 16),
  PALETTE(3, 1, 1, 8),
  GREY_ALPHA(4, 2, 8, 16),
  RGB_ALPHA(6, 4, 8, 16);

  private final int type;
  private final int samples;
  private final int leastDepth;
  private final int mostDepth;

  PngColours(int type, int samples, int leastDepth, int mostDepth) {
    this.type = type;
    this.samples = samples;
    this.leastDepth = leastDepth;
    this.mostDepth = mostDepth;
  }

  /**
   * The colours of a type in a header.
   *
   * @throws IOException if PNG has no such type, or not in that bit depth
   */
  static PngColours of(int type, int depth) throws IOException {
    return Arrays.stream(values())
        .filter(colours -> colours.type == type && colours.has(depth))
        .findFirst()
        .orElseThrow(
            () ->
                new IOException(
                    "PNG has no colour type %d in a bit depth of %d".formatted(type, depth)));
  }

  private boolean has(int depth) {
    return depth >= leastDepth && depth <= mostDepth && Integer.bitCount(depth) == 1;
  }

  boolean hasAlpha() {
    return this == GREY_ALPHA || this == RGB_ALPHA;
  }

  /** Whether a tRNS chunk can have this content: alphas of a palette, or one colour of 16 bits. */
  boolean canHave(byte[] transparency) {
    return this == PALETTE || transparency.length == Short.BYTES * samples;
  }

  /** Channels of a picture with these: 1 for grey, 3 for colours, whether from a palette or not. */
  int channels() {
    return this == GREY || this == GREY_ALPHA ? 1 : 3;
  }
}
