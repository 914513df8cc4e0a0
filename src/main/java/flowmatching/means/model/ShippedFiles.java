package flowmatching.means.model;

import flowmatching.base.failure.ConfigurationFailure;
import java.io.IOException;

/** The files of a network in the jar. */
record ShippedFiles(String name) {
  private static final String FASHION_MNIST = "fashion-mnist";

  /**
   * The network at a location that begins with {@link ModelFolder#SHIPPED}.
   *
   * @throws ConfigurationFailure if the program does not bring this network
   */
  static ShippedFiles of(String location) {
    String only = ModelFolder.SHIPPED + FASHION_MNIST;
    if (!location.equals(only)) {
      throw new ConfigurationFailure(
          "No network %s comes with this program: give %s, or a model's folder."
              .formatted(location, only));
    }
    return new ShippedFiles(FASHION_MNIST);
  }

  byte[] read(String file, int maxBytes) {
    try (var in = ShippedFiles.class.getResourceAsStream(name + "/" + file)) {
      return in.readNBytes(maxBytes);
    } catch (IOException e) {
      throw new AssertionError("Files in the jar can be read.", e);
    }
  }
}
