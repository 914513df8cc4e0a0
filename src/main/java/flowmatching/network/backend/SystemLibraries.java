package flowmatching.network.backend;

import com.sun.jna.NativeLibrary;
import flowmatching.base.failure.EnvironmentFailure;

/** Native libraries of this machine, called through JNA. */
final class SystemLibraries {
  private SystemLibraries() {}

  /** Whether the system can load a library with its dependencies. */
  static boolean has(String name) {
    try {
      load(name);
      return true;
    } catch (UnsatisfiedLinkError e) {
      return false;
    }
  }

  /**
   * Sets an environment variable for native libraries that are loaded later. Java has its own copy
   * of the environment, which does not change.
   *
   * @throws EnvironmentFailure if the C library cannot be called
   */
  static void setEnvironment(String name, String value) {
    var overwrite = 1;
    try {
      call("c", "setenv", name, value, overwrite);
    } catch (LinkageError e) {
      // JNA's own message is the whole class path.
      throw new EnvironmentFailure(
          "The C library cannot be called to set %s: give Java a folder for temporary files from which libraries can be loaded: -Djna.tmpdir=FOLDER."
              .formatted(name),
          e);
    }
  }

  /**
   * Calls a function that returns an int.
   *
   * @throws UnsatisfiedLinkError if the library or the function is missing
   */
  static int call(String library, String function, Object... arguments) {
    return load(library).getFunction(function).invokeInt(arguments);
  }

  private static NativeLibrary load(String name) {
    // Otherwise JNA prefers, and then refuses, its version that the system has for other programs.
    System.setProperty("jna.nosys", "true");
    return NativeLibrary.getInstance(name);
  }
}
