package flowmatching.image;

import flowmatching.failure.DataFailure;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Images as PNG files. */
public final class Png {
  private Png() {}

  /** The PNG file of an image, 8-bit grey or RGB: the same bytes for the same image. */
  public static byte[] encode(Image image) {
    var colour = image.channels() == 3;
    var buffered =
        new BufferedImage(
            image.width(),
            image.height(),
            colour ? BufferedImage.TYPE_3BYTE_BGR : BufferedImage.TYPE_BYTE_GRAY);
    // The raster takes intensities as they are; BufferedImage.setRGB would correct grey for gamma.
    var raster = buffered.getRaster();
    for (int channel = 0; channel < image.channels(); channel++) {
      for (int row = 0; row < image.height(); row++) {
        for (int column = 0; column < image.width(); column++) {
          raster.setSample(column, row, channel, image.at(channel, row, column));
        }
      }
    }
    return encode(buffered);
  }

  /** The PNG file of a picture in memory: the same bytes for the same picture. */
  public static byte[] encode(BufferedImage picture) {
    var writer = ImageIO.getImageWritersByFormatName("png").next();
    var bytes = new ByteArrayOutputStream();
    // Written through memory: ImageIO's own choice is a temporary file for every image.
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

  /** Width and height in pixels, which the head of a PNG file has. */
  public record Size(int width, int height) {}

  /**
   * The size of the picture in a PNG file, of which only the head is read.
   *
   * @param origin the file's path, for the message
   * @throws DataFailure where the bytes do not begin as such a file
   */
  public static Size size(byte[] png, String origin) {
    var reader = ImageIO.getImageReadersByFormatName("png").next();
    try (var in = new MemoryCacheImageInputStream(new ByteArrayInputStream(png))) {
      reader.setInput(in);
      return new Size(reader.getWidth(0), reader.getHeight(0));
    } catch (IOException e) {
      throw new DataFailure("%s is a damaged PNG file: %s.".formatted(origin, e.getMessage()), e);
    } finally {
      reader.dispose();
    }
  }

  /**
   * The image of a PNG file, 8-bit grey or RGB as {@link #encode} writes it.
   *
   * @param origin the file's path, for the message
   * @throws DataFailure where the bytes are no such file
   */
  public static Image decode(byte[] png, String origin) {
    BufferedImage buffered;
    try {
      buffered = ImageIO.read(new MemoryCacheImageInputStream(new ByteArrayInputStream(png)));
    } catch (IOException e) {
      throw new DataFailure("%s is a damaged PNG file: %s.".formatted(origin, e.getMessage()), e);
    }
    if (buffered == null) {
      throw new DataFailure("%s is no PNG file.".formatted(origin));
    }
    var raster = buffered.getRaster();
    var channels = raster.getNumBands();
    var pixels = new byte[channels * buffered.getHeight() * buffered.getWidth()];
    var next = 0;
    for (int channel = 0; channel < channels; channel++) {
      for (int row = 0; row < buffered.getHeight(); row++) {
        for (int column = 0; column < buffered.getWidth(); column++) {
          pixels[next++] = (byte) raster.getSample(column, row, channel);
        }
      }
    }
    return new Image(channels, buffered.getHeight(), buffered.getWidth(), pixels);
  }
}
