package flowmatching.settings;

import java.util.Optional;

/** The text of a path or URI as a user gave it, before any file system reads it. */
public final class LocationText {
  private LocationText() {}

  /**
   * Why a text would name another place than the user meant, with the fix; empty if it is as it
   * looks. The text itself is not in the sentence.
   */
  public static Optional<String> problem(String text) {
    if (text.equals("~") || text.startsWith("~/") || text.matches("~[\\w.-]+(/.*)?")) {
      return Optional.of(
          "~ is not replaced by a home folder here: write $HOME in a shell or ${HOME} in a"
              + " configuration file, or put ./ before a name that begins with ~");
    }
    if (text.startsWith("$") || text.contains("${")) {
      return Optional.of(
          "$ is not replaced inside quotes: in a shell use double quotes or none, in HOCON end the"
              + " quotes before it, such as ${train.output}\"/model\"");
    }
    // What a Java process puts in place of bytes that are not in its encoding.
    if (text.indexOf('\uFFFD') >= 0) {
      return Optional.of(
          "it has characters that are not in this process's encoding, %s: set LC_ALL=C.UTF-8 in the"
                  .formatted(System.getProperty("sun.jnu.encoding"))
              + " environment, and give the text in UTF-8");
    }
    return Optional.empty();
  }
}
