package flowmatching.means.model;

import flowmatching.base.failure.ConfigurationFailure;
import java.io.IOException;

/** The files of a network in the jar. */
record ShippedFiles(String name) {
  private static final String FASHION_MNIST = "fashion-mnist";

  /**
   * Checks the name.
   *
   * @throws ConfigurationFailure if there is no such network
   */
  ShippedFiles {
    if (!name.equals(FASHION_MNIST)) {
      throw new ConfigurationFailure(
          "No network %s%s comes with this program: give %s%s, or a model's folder."
              .formatted(ModelFolder.SHIPPED, name, ModelFolder.SHIPPED, FASHION_MNIST));
    }
  }

  byte[] read(String file, int maxBytes) {
    try (var in = ShippedFiles.class.getResourceAsStream(name + "/" + file)) {
      return in.readNBytes(maxBytes);
    } catch (IOException e) {
      throw new AssertionError("Files in the jar can be read.", e);
    }
  }
}
