package flowmatching.network.backend;

import java.io.IOException;
import java.util.Properties;

/**
 * The versions that the build wrote into the jar.
 *
 * @param project of this program
 * @param dl4j of DL4J and ND4J, and therefore of their native libraries
 */
public record Versions(String project, String dl4j) {
  private static final String FILE = "versions.properties";

  /** The versions in the jar, or folder of classes, of this class. */
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
