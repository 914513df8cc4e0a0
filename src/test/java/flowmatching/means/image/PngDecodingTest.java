package flowmatching.means.image;

import static flowmatching.means.image.PngWriter.bytes;
import static flowmatching.means.image.PngWriter.chunk;
import static flowmatching.means.image.PngWriter.join;
import static flowmatching.means.image.PngWriter.signature;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.settings.ImageShape;
import flowmatching.means.image.PngWriter.Samples;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.IntBinaryOperator;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Other programs' files: every colour type and bit depth of PNG, and invalid files. */
class PngDecodingTest {
  /** Not a multiple of 8, so that passes of Adam7 and rows of few bits end within a byte. */
  private static final int WIDTH = 13;

  private static final int HEIGHT = 11;
  private static final ImageShape GREY = new ImageShape(1, HEIGHT, WIDTH);
  private static final ImageShape RGB = new ImageShape(3, HEIGHT, WIDTH);

  private static PngWriter png(int depth, int type) {
    return PngWriter.of(WIDTH, HEIGHT, depth, type);
  }

  /** A number per pixel that differs between neighbours. */
  private static int pattern(int row, int column) {
    return 97 * row + 31 * column + row * column;
  }

  static Stream<Arguments> greyDepths() {
    // 255 / (2^bits - 1) per step; 16 bits to the nearest of 8.
    return Stream.of(
        Arguments.of(1, 2, 255.0),
        Arguments.of(2, 4, 85.0),
        Arguments.of(4, 16, 17.0),
        Arguments.of(8, 256, 1.0),
        Arguments.of(16, 65536, 255 / 65535.0));
  }

  @ParameterizedTest
  @MethodSource("greyDepths")
  void greyIsScaledFromEveryBitDepth(int depth, int values, double scale) {
    PngWriter writer = png(depth, 0);
    int factor = depth == 16 ? 211 : 1;
    IntBinaryOperator sample = (row, column) -> factor * pattern(row, column) % values;
    Image expected =
        image(1, (row, column) -> channels(Math.round(scale * sample.applyAsInt(row, column))));
    bothWays(writer, samples(sample), GREY, expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8})
  void paletteIsLookedUpInEveryBitDepth(int depth) {
    int entries = depth == 8 ? 200 : 1 << depth;
    int[] palette = new int[3 * entries];
    for (int i = 0; i < palette.length; i++) {
      palette[i] = (255 - 7 * i) & 0xff;
    }
    IntBinaryOperator index = (row, column) -> pattern(row, column) % entries;
    PngWriter writer = png(depth, 3).withPalette(palette);
    Image expected =
        image(
            3,
            (row, column) -> {
              int first = 3 * index.applyAsInt(row, column);
              return Arrays.copyOfRange(palette, first, first + 3);
            });
    bothWays(writer, samples(index), RGB, expected);
    // Alphas that leave every entry opaque.
    bothWays(writer.withTransparency(255, 255), samples(index), RGB, expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 16})
  void greyWithOpaqueAlphaIsGrey(int depth) {
    Image expected = image(1, (row, column) -> channels(pattern(row, column) % 256));
    bothWays(
        png(depth, 4),
        (row, column) -> new int[] {spread(depth, pattern(row, column) % 256), spread(depth, 255)},
        GREY,
        expected);
  }

  @ParameterizedTest
  @CsvSource({"8, 2", "16, 2", "8, 6", "16, 6"})
  void coloursAreKept(int depth, int type) {
    Samples colours =
        (row, column) -> {
          int value = pattern(row, column);
          return new int[] {value % 256, (value / 2) % 256, (3 * value) % 256};
        };
    bothWays(
        png(depth, type),
        (row, column) -> {
          int[] samples = Arrays.copyOf(colours.at(row, column), type == 2 ? 3 : 4);
          if (type == 6) {
            samples[3] = 255;
          }
          return Arrays.stream(samples).map(sample -> spread(depth, sample)).toArray();
        },
        RGB,
        image(3, colours));
  }

  @Test
  void sixteenBitsAreRoundedToTheNearestOfEight() {
    int[] samples = {0, 128, 129, 385, 386, 65406, 65407, 65535};
    byte[] file =
        PngWriter.of(samples.length, 1, 16, 0).write((row, column) -> new int[] {samples[column]});
    assertThat(Png.decode(file, "a.png", new ImageShape(1, 1, samples.length)).pixels())
        .isEqualTo(bytes(0, 0, 1, 1, 2, 254, 255, 255));
  }

  /** An 8-bit intensity in that many bits. */
  private static int spread(int depth, int intensity) {
    return depth == 16 ? 257 * intensity : intensity;
  }

  @Test
  void aGreyPictureOfAnyTypeIsReadAsGreyOrAsThreeEqualChannels() {
    int[] greys = new int[3 * 256];
    Arrays.setAll(greys, i -> i / 3);
    IntBinaryOperator grey = (row, column) -> pattern(row, column) % 256;
    Image asGrey = image(1, (row, column) -> channels(grey.applyAsInt(row, column)));
    Image asRgb =
        image(
            3,
            (row, column) -> {
              int value = grey.applyAsInt(row, column);
              return new int[] {value, value, value};
            });
    Samples rgb =
        (row, column) -> {
          int value = grey.applyAsInt(row, column);
          return new int[] {value, value, value};
        };
    for (byte[] file :
        new byte[][] {
          png(8, 0).write(samples(grey)),
          png(8, 2).write(rgb),
          png(8, 3).withPalette(greys).write(samples(grey))
        }) {
      assertThat(Png.decode(file, "a.png", GREY)).isEqualTo(asGrey);
      assertThat(Png.decode(file, "a.png", RGB)).isEqualTo(asRgb);
    }
  }

  @Test
  void colourReadAsGreyIsRefusedWithThePixel() {
    byte[] file =
        png(8, 2)
            .write((row, column) -> row == 4 && column == 5 ? new int[] {9, 8, 7} : new int[3]);
    refused(file, GREY, "row 4, column 5 has the colour 9, 8, 7", "this run takes grey images");
  }

  static Stream<byte[]> transparent() {
    return Stream.of(
        png(8, 4).write((row, column) -> new int[] {7, row == 4 && column == 5 ? 254 : 255}),
        png(16, 4).write((row, column) -> new int[] {7, row == 4 && column == 5 ? 65534 : 65535}),
        png(8, 6).write((row, column) -> new int[] {7, 7, 7, row == 4 && column == 5 ? 0 : 255}),
        png(8, 2).withTransparency(0, 9, 0, 9, 0, 8).write(one(new int[3], 9, 9, 8)),
        png(16, 2).withTransparency(1, 9, 0, 9, 0, 9).write(one(new int[3], 265, 9, 9)),
        png(1, 0).withTransparency(0, 1).write(one(new int[1], 1)),
        png(2, 0).withTransparency(0, 2).write(one(new int[1], 2)),
        png(4, 0).withTransparency(0, 2).write(one(new int[1], 2)),
        png(8, 0).withTransparency(0, 200).write(one(new int[1], 200)),
        png(16, 0).withTransparency(3, 200).write(one(new int[1], 968)),
        png(2, 3)
            .withPalette(0, 0, 0, 1, 1, 1, 2, 2, 2)
            .withTransparency(255, 128)
            .write(one(new int[1], 1)));
  }

  private static Samples one(int[] others, int... pixel) {
    return (row, column) -> row == 4 && column == 5 ? pixel : others;
  }

  @ParameterizedTest
  @MethodSource
  void transparent(byte[] file) {
    refused(file, GREY, "row 4, column 5 is transparent", "put it on a background first");
  }

  @Test
  void anUnusedTransparentColourIsAccepted() {
    for (int depth : new int[] {1, 2, 4, 8, 16}) {
      byte[] file = png(depth, 0).withTransparency(0, 1).write((row, column) -> new int[1]);
      assertThat(Png.decode(file, "a.png", GREY).pixels()).containsOnly(0);
    }
    // An RGB pixel is transparent only if all three samples match.
    byte[] file =
        png(8, 2).withTransparency(0, 7, 0, 7, 0, 8).write((row, column) -> new int[] {7, 7, 7});
    assertThat(Png.decode(file, "a.png", GREY).pixels()).containsOnly(7);
  }

  @Test
  void gammaAndProfilesAreIgnored() {
    Samples samples = samples((row, column) -> pattern(row, column) % 256);
    PngWriter writer = png(8, 0);
    byte[] pixels = writer.data(samples);
    byte[] file =
        join(
            signature(),
            writer.header(),
            chunk("gAMA", bytes(0, 0, 0x1f, 0x40)),
            chunk("iCCP", bytes('p', 0, 0, 1, 2, 3)),
            chunk("zTXt", bytes('t', 0, 0, 9, 9)),
            // Pixels in several chunks, one of them empty.
            chunk("IDAT", Arrays.copyOf(pixels, 10)),
            chunk("IDAT", new byte[0]),
            chunk("IDAT", Arrays.copyOfRange(pixels, 10, pixels.length)),
            chunk("IEND", new byte[0]));
    assertThat(Png.decode(file, "a.png", GREY))
        .isEqualTo(Png.decode(writer.write(samples), "a.png", GREY));
  }

  @Test
  void everyTruncatedFileIsRefused() {
    byte[] file = png(8, 0).write((row, column) -> new int[] {pattern(row, column) % 256});
    for (int length = 0; length < file.length; length++) {
      refused(Arrays.copyOf(file, length), GREY, "PNG file");
    }
  }

  @Test
  void everyChangedByteIsRefused() {
    byte[] file = png(8, 3).withPalette(1, 1, 1).write((row, column) -> new int[1]);
    for (int at = 0; at < file.length; at++) {
      byte[] changed = file.clone();
      changed[at] ^= 0x10;
      refused(changed, GREY, "PNG file");
    }
  }

  static Stream<Arguments> invalid() {
    PngWriter grey = png(8, 0);
    byte[] end = chunk("IEND", new byte[0]);
    byte[] pixels = chunk("IDAT", grey.data((row, column) -> new int[1]));
    return Stream.of(
        Arguments.of("first chunk", join(signature(), pixels, end)),
        Arguments.of("first chunk", join(signature(), end)),
        Arguments.of("two IHDR", join(signature(), grey.header(), grey.header(), pixels, end)),
        Arguments.of("header has 2 bytes", join(signature(), chunk("IHDR", new byte[2]), end)),
        Arguments.of("colour type 3 with a bit depth of 16", whole(png(16, 3).header(), pixels)),
        Arguments.of("colour type 2 with a bit depth of 4", whole(png(4, 2).header(), pixels)),
        Arguments.of("colour type 5 with a bit depth of 8", whole(png(8, 5).header(), pixels)),
        Arguments.of("colour type 0 with a bit depth of 3", whole(png(3, 0).header(), pixels)),
        Arguments.of("0 x 11 pixels", whole(PngWriter.of(0, 11, 8, 0).header(), pixels)),
        Arguments.of("4294967295 x 11 pixels", whole(PngWriter.of(-1, 11, 8, 0).header(), pixels)),
        Arguments.of(
            "is 1x2000000000x2000000000, but this run takes 1x11x13",
            whole(PngWriter.of(2_000_000_000, 2_000_000_000, 8, 0).header(), pixels)),
        Arguments.of("pixels are damaged", whole(grey.header())),
        Arguments.of("pixels are damaged", whole(grey.header(), chunk("IDAT", new byte[20]))),
        Arguments.of("pixels are damaged", whole(png(16, 0).header(), pixels)),
        Arguments.of(
            "its pixels are entries of a palette, which is missing (PLTE chunk)",
            whole(png(8, 3).header(), pixels)),
        Arguments.of("palette has 2 bytes", whole(grey.header(), chunk("PLTE", new byte[2]))),
        Arguments.of("tRNS chunk has 1 bytes", whole(grey.header(), chunk("tRNS", new byte[1]))),
        Arguments.of(
            "is of an unknown critical type",
            whole(grey.header(), chunk("ABCD", new byte[1]), pixels)),
        Arguments.of(
            "is entry 3 of a palette that has 2",
            png(4, 3).withPalette(0, 0, 0, 1, 1, 1).write(one(new int[1], 3))));
  }

  private static byte[] whole(byte[]... chunks) {
    return join(signature(), join(chunks), chunk("IEND", new byte[0]));
  }

  @ParameterizedTest
  @MethodSource
  void invalid(String reason, byte[] file) {
    refused(file, GREY, reason);
  }

  @Test
  void damagedPixelsAreReportedInPlainWords() {
    byte[] file = whole(png(8, 0).header(), chunk("IDAT", new byte[20]));
    assertThatThrownBy(() -> Png.decode(file, "a.png", GREY))
        .hasMessage(
            "a.png cannot be used: its pixels are damaged: its compressed data are damaged or incomplete.");
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "2, 3", "4, 2", "6, 4"})
  void aPaletteThatPixelsDoNotNeedIsIgnored(int type, int samples) {
    Samples white =
        (row, column) -> {
          int[] pixel = new int[samples];
          Arrays.fill(pixel, 255);
          return pixel;
        };
    byte[] file = png(8, type).withPalette(1, 2, 3, 4, 5, 6).write(white);
    assertThat(Png.decode(file, "a.png", GREY).pixels()).containsOnly(255);
    assertThat(Png.decode(file, "a.png", RGB).pixels()).containsOnly(255);
  }

  @Test
  void aGifFileIsNotAPngFile() throws IOException {
    var gif = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY), "gif", gif);
    refused(gif.toByteArray(), GREY, "is not a PNG file");
  }

  @Test
  void theSizeIsReadOfWholeFilesOnly() {
    byte[] file = png(8, 0).write((row, column) -> new int[1]);
    assertThat(Png.size(file, "a.png")).isEqualTo(new Png.Size(WIDTH, HEIGHT));
    assertThatThrownBy(() -> Png.size(Arrays.copyOf(file, file.length - 20), "folder/a.png"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("folder/a.png is a damaged PNG file");
  }

  private static void bothWays(PngWriter writer, Samples samples, ImageShape shape, Image image) {
    for (PngWriter each : new PngWriter[] {writer, writer.withInterlacing()}) {
      assertThat(Png.decode(each.write(samples), "a.png", shape))
          .usingRecursiveComparison()
          .isEqualTo(image);
    }
  }

  private static void refused(byte[] file, ImageShape shape, String... sentence) {
    assertThatThrownBy(() -> Png.decode(file, "folder/a.png", shape))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("folder/a.png")
        .message()
        .contains(sentence);
  }

  private static Samples samples(IntBinaryOperator sample) {
    return (row, column) -> new int[] {sample.applyAsInt(row, column)};
  }

  private static int[] channels(long intensity) {
    return new int[] {(int) intensity};
  }

  private static Image image(int channels, Samples intensities) {
    byte[] pixels = new byte[channels * HEIGHT * WIDTH];
    for (int channel = 0; channel < channels; channel++) {
      for (int row = 0; row < HEIGHT; row++) {
        for (int column = 0; column < WIDTH; column++) {
          pixels[(channel * HEIGHT + row) * WIDTH + column] =
              (byte) intensities.at(row, column)[channel];
        }
      }
    }
    return new Image(new ImageShape(channels, HEIGHT, WIDTH), pixels);
  }
}
