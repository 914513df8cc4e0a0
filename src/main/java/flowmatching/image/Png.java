package flowmatching.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
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
    var writer = ImageIO.getImageWritersByFormatName("png").next();
    var bytes = new ByteArrayOutputStream();
    // Written through memory: ImageIO's own choice is a temporary file for every image.
    try (var out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(buffered);
    } catch (IOException e) {
      throw new AssertionError("Memory can always be written to.", e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
