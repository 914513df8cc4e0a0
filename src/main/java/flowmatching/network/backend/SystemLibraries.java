package flowmatching.network.backend;

import com.sun.jna.NativeLibrary;
import flowmatching.base.failure.EnvironmentFailure;

/** Native libraries of this machine, which Java itself does not call. */
final class SystemLibraries {
  private SystemLibraries() {}

  /** Whether the system can load a library, with all that it needs. */
  static boolean has(String name) {
    try {
      load(name);
      return true;
    } catch (UnsatisfiedLinkError e) {
      return false;
    }
  }

  /**
   * Sets a variable of the environment that native libraries see, of which Java has a copy that it
   * cannot change. What reads it as it is loaded must be loaded later.
   *
   * @throws EnvironmentFailure where the C library cannot be called
   */
  static void setEnvironment(String name, String value) {
    var overwrite = 1;
    try {
      call("c", "setenv", name, value, overwrite);
    } catch (LinkageError e) {
      // What JNA says of it is the whole class path.
      throw new EnvironmentFailure(
          "The C library cannot be called to set %s: give Java a folder for temporary files from which libraries may be loaded: -Djna.tmpdir=FOLDER."
              .formatted(name),
          e);
    }
  }

  /**
   * Calls a function that returns a number.
   *
   * @throws UnsatisfiedLinkError where there is no such library or function
   */
  static int call(String library, String function, Object... arguments) {
    return load(library).getFunction(function).invokeInt(arguments);
  }

  private static NativeLibrary load(String name) {
    // A JNA that the system has installed for other programs would be taken first, and refused.
    System.setProperty("jna.nosys", "true");
    return NativeLibrary.getInstance(name);
  }
}
