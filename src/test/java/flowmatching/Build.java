package flowmatching;

import java.nio.file.Path;

/** Which of the application's jars Maven is building. */
final class Build {
  private Build() {}

  /** As the scripts' variable BACKEND: empty for processors, cuda or cuda-ptx. */
  static String backend() {
    String backend = System.getenv("BACKEND");
    return backend == null ? "" : backend;
  }

  static Path jar() {
    String suffix = backend().isEmpty() ? "" : "-" + backend();
    return Path.of("target", "flow-matching" + suffix + ".jar");
  }
}
