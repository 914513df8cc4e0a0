package flowmatching.means.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** The first images of Fashion-MNIST, for faster tests. */
public final class SmallFashionMnist {
  private static final Path WHOLE = Path.of("/usr/share/datasets/fashion-mnist");

  private SmallFashionMnist() {}

  /** Writes the first images and labels of each split. */
  public static void write(Path folder, int train, int test) throws IOException {
    first(folder, "train-images-idx3-ubyte", train, 16, 28 * 28);
    first(folder, "train-labels-idx1-ubyte", train, 8, 1);
    first(folder, "t10k-images-idx3-ubyte", test, 16, 28 * 28);
    first(folder, "t10k-labels-idx1-ubyte", test, 8, 1);
  }

  private static void first(Path folder, String name, int count, int header, int size)
      throws IOException {
    try (var whole = new GZIPInputStream(Files.newInputStream(WHOLE.resolve(name + ".gz")))) {
      byte[] first = whole.readNBytes(header + count * size);
      ByteBuffer.wrap(first).putInt(4, count);
      Files.write(folder.resolve(name), first);
    }
  }
}
