package flowmatching.report;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Pictures as {@code data:} URIs, which a page has in itself. */
final class DataUri {
  private DataUri() {}

  static String of(byte[] png) {
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
  }

  static String of(BufferedImage image) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    // Written through memory: ImageIO's own choice is a temporary file.
    try (var out = new MemoryCacheImageOutputStream(bytes)) {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new AssertionError("Memory can always be written to.", e);
    }
    return of(bytes.toByteArray());
  }
}
