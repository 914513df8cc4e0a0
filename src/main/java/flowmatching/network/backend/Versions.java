package flowmatching.network.backend;

import java.io.IOException;
import java.util.Properties;

/**
 * What this program was built as and of; the build wrote it down.
 *
 * @param project of this program
 * @param dl4j of DL4J and ND4J, and so of the libraries they bring
 */
public record Versions(String project, String dl4j) {
  private static final String FILE = "versions.properties";

  /** The versions of the jar, or folder of classes, that this class is in. */
  public static Versions ofThisBuild() {
    var versions = new Properties();
    try (var in = Versions.class.getResourceAsStream(FILE)) {
      versions.load(in);
    } catch (IOException e) {
      throw new AssertionError("The jar holds " + FILE, e);
    }
    return new Versions(versions.getProperty("project"), versions.getProperty("dl4j"));
  }
}
