package flowmatching.means.image;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.settings.ImageShape;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Images as PNG files. */
public final class Png {
  private Png() {}

  /** An 8-bit grey or RGB PNG file: the same bytes for the same image. */
  public static byte[] encode(Image image) {
    var shape = image.shape();
    var type = shape.channels() == 3 ? BufferedImage.TYPE_3BYTE_BGR : BufferedImage.TYPE_BYTE_GRAY;
    var buffered = new BufferedImage(shape.width(), shape.height(), type);
    // The raster stores intensities unchanged; BufferedImage.setRGB would gamma-correct grey.
    var raster = buffered.getRaster();
    for (int channel = 0; channel < shape.channels(); channel++) {
      for (int row = 0; row < shape.height(); row++) {
        for (int column = 0; column < shape.width(); column++) {
          raster.setSample(column, row, channel, image.at(channel, row, column));
        }
      }
    }
    return encode(buffered);
  }

  /** A PNG file: the same bytes for the same picture. */
  public static byte[] encode(BufferedImage picture) {
    var writer = ImageIO.getImageWritersByFormatName("png").next();
    var bytes = new ByteArrayOutputStream();
    // By default, ImageIO makes a temporary file for every image.
    try (var out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(picture);
    } catch (IOException e) {
      throw new AssertionError("Memory can always be written to.", e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  /** Width and height in pixels. */
  public record Size(int width, int height) {}

  /**
   * The size of the picture in a PNG file. Its pixels are not decoded.
   *
   * @param origin the file's path, for the message
   * @throws DataFailure if the bytes are not a PNG file, or a damaged one
   */
  public static Size size(byte[] png, String origin) {
    PngHeader header = chunks(png, origin).header();
    return new Size(header.width(), header.height());
  }

  /**
   * Decodes a PNG file of any colour type and bit depth. Intensities are the file's samples: fewer
   * than 8 bits are scaled by 255 / (2^bits - 1), 16 bits are rounded to 8, palettes are looked up;
   * gamma and colour profiles are not applied. A picture whose pixels are all grey can be read as
   * grey, and a grey one as RGB with three equal channels.
   *
   * @param origin the file's path, for the message
   * @param wanted [C, H, W] with one channel or three. A picture of another size is refused before
   *     memory is allocated for its pixels
   * @throws DataFailure if the bytes are not a PNG file or a damaged one, the size differs, a pixel
   *     is transparent, or a picture with colours is wanted as grey
   */
  public static Image decode(byte[] png, String origin, ImageShape wanted) {
    PngChunks chunks = chunks(png, origin);
    PngHeader header = chunks.header();
    if (header.height() != wanted.height()
        || header.width() != wanted.width()
        || (wanted.channels() != 1 && wanted.channels() != 3)) {
      throw new DataFailure(
          "%s is %dx%dx%d, but this run takes %s: give images of that shape, or the network or evaluate.extractor for these."
              .formatted(origin, header.channels(), header.height(), header.width(), wanted));
    }
    try {
      return image(new PngPixels(chunks, samples(chunks)), wanted);
    } catch (IOException e) {
      throw new DataFailure("%s cannot be used: %s.".formatted(origin, e.getMessage()), e);
    }
  }

  private static PngChunks chunks(byte[] png, String origin) {
    if (!PngChunks.isPng(png)) {
      throw new DataFailure("%s is not a PNG file.".formatted(origin));
    }
    try {
      return PngChunks.of(png);
    } catch (IOException e) {
      throw new DataFailure("%s is a damaged PNG file: %s.".formatted(origin, e.getMessage()), e);
    }
  }

  private static Raster samples(PngChunks chunks) throws IOException {
    var reader = ImageIO.getImageReadersByFormatName("png").next();
    try (var in = new MemoryCacheImageInputStream(new ByteArrayInputStream(chunks.file()))) {
      reader.setInput(in);
      return reader.read(0).getRaster();
    } catch (IOException | RuntimeException e) {
      // ImageIO reports damaged pixels as either.
      throw new IOException(
          "its pixels are damaged: its compressed data are damaged or incomplete", e);
    } finally {
      reader.dispose();
    }
  }

  private static Image image(PngPixels pixels, ImageShape shape) throws IOException {
    var bytes = new byte[shape.values()];
    for (int row = 0; row < shape.height(); row++) {
      for (int column = 0; column < shape.width(); column++) {
        int[] rgb = pixels.at(row, column);
        if (shape.channels() == 1 && (rgb[0] != rgb[1] || rgb[1] != rgb[2])) {
          throw new IOException(
              "its pixel in row %d, column %d has the colour %d, %d, %d (red, green, blue), but this run takes grey images"
                  .formatted(row, column, rgb[0], rgb[1], rgb[2]));
        }
        for (int channel = 0; channel < shape.channels(); channel++) {
          bytes[(channel * shape.height() + row) * shape.width() + column] = (byte) rgb[channel];
        }
      }
    }
    return new Image(shape, bytes);
  }
}
