package flowmatching.means.model;

import flowmatching.base.failure.ConfigurationFailure;
import java.io.IOException;

/** Those of a network that comes in the jar. */
record ShippedFiles(String name) implements ModelFiles {
  private static final String FASHION_MNIST = "fashion-mnist";

  /**
   * The files of a name.
   *
   * @throws ConfigurationFailure where there are none
   */
  ShippedFiles {
    if (!name.equals(FASHION_MNIST)) {
      throw new ConfigurationFailure(
          "No network %s%s comes with this program: give %s%s, or the folder of a network."
              .formatted(ModelFolder.SHIPPED, name, ModelFolder.SHIPPED, FASHION_MNIST));
    }
  }

  @Override
  public byte[] description() {
    return bytes(ModelFolder.DESCRIPTION, Integer.MAX_VALUE);
  }

  @Override
  public byte[] weights(int most) {
    return bytes(ModelFolder.WEIGHTS, most);
  }

  private byte[] bytes(String file, int most) {
    try (var in = ShippedFiles.class.getResourceAsStream(name + "/" + file)) {
      return in.readNBytes(most);
    } catch (IOException e) {
      throw new AssertionError("What is in the jar can be read.", e);
    }
  }

  @Override
  public String toString() {
    return ModelFolder.SHIPPED + name;
  }
}
