package flowmatching.base.settings;

import flowmatching.base.failure.EnvironmentFailure;
import java.net.URI;
import java.nio.charset.Charset;
import java.util.Optional;
import java.util.regex.Pattern;

/** Checks of a path or URI as the user wrote it, before a file system reads it. */
public final class LocationText {
  /** The encoding of arguments and file names, which follows from the locale at JVM start. */
  private static final Charset ENCODING = Charset.forName(System.getProperty("sun.jnu.encoding"));

  /**
   * The user info of a URI with a colon: everything before the last @. Secrets may contain / and @,
   * as many AWS keys do. A colon before a number and / begins a port, except for s3a, which has no
   * ports: there the number begins a secret.
   */
  private static final Pattern PASSWORD =
      Pattern.compile(
          "(?:(?<=s3[an]?://)[^/@\\s:\\[]*:|(?<=://)[^/@\\s:\\[]*:(?!\\d{1,5}(?:[/\\s]|$)))"
              + "(?:\\S*|[^/]*)(?=@)");

  private LocationText() {}

  /** The text without the credentials of a URI, for logs. */
  public static String withoutCredentials(String text) {
    return PASSWORD.matcher(text).replaceAll("...");
  }

  /**
   * Why the text would name another place than the user meant, and the fix; empty if nothing is
   * wrong. The sentence does not contain the text itself.
   */
  public static Optional<String> problem(String text) {
    return problem(text, ENCODING);
  }

  static Optional<String> problem(String text, Charset encoding) {
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
    if (PASSWORD.matcher(text).find()) {
      return Optional.of(
          "a URI cannot have credentials: give them in the environment, such as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
    }
    if (isDamaged(text, encoding)) {
      return Optional.of(
          "characters in it were lost because the encoding of this process is %s: set LC_ALL=C.UTF-8 in the environment, and give the text in UTF-8"
              .formatted(encoding));
    }
    return Optional.empty();
  }

  /**
   * Whether an argument had characters outside the encoding: this process replaces each of their
   * bytes by U+FFFD, and a calling process such as spark-submit's launcher by a ?.
   */
  private static boolean isDamaged(String text, Charset encoding) {
    boolean isUnicode = encoding.newEncoder().canEncode('\uFFFD');
    return text.indexOf('\uFFFD') >= 0 || (!isUnicode && text.indexOf('?') >= 0);
  }

  /**
   * Checks that this process can write the name of a local file: Java replaces characters outside
   * its encoding by ?. Driver and executors may differ, so that both check.
   *
   * @throws EnvironmentFailure if the name has other characters
   */
  public static void checkEncodable(URI location) {
    checkEncodable(location, ENCODING);
  }

  static void checkEncodable(URI location, Charset encoding) {
    boolean isLocal = location.getScheme() == null || location.getScheme().equals("file");
    if (isLocal && !encoding.newEncoder().canEncode(location.getPath())) {
      throw new EnvironmentFailure(
          "%s has characters outside the encoding of file names of this process, %s: set LC_ALL=C.UTF-8 in the environment of spark-submit, and of executors by --conf spark.executorEnv.LC_ALL=C.UTF-8."
              .formatted(location.getPath(), encoding));
    }
  }
}
