package flowmatching.base.settings;

import flowmatching.base.failure.EnvironmentFailure;
import java.net.URI;
import java.nio.charset.Charset;
import java.util.Optional;
import java.util.regex.Pattern;

/** The text of a path or URI as a user gave it, before any file system reads it. */
public final class LocationText {
  /** What Java reads arguments and names of files by; the locale decides it when a JVM starts. */
  private static final Charset ENCODING = Charset.forName(System.getProperty("sun.jnu.encoding"));

  /**
   * What is before the last @ of an authority with a colon. A secret may have / and @ in it, as
   * half of those of AWS have. A colon before a number and / is that of a port, but s3a has no
   * ports: the number begins a secret there.
   */
  private static final Pattern PASSWORD =
      Pattern.compile(
          "(?:(?<=s3[an]?://)[^/@\\s:\\[]*:|(?<=://)[^/@\\s:\\[]*:(?!\\d{1,5}(?:[/\\s]|$)))"
              + "(?:\\S*|[^/]*)(?=@)");

  private LocationText() {}

  /** A text as a log may have it: without the credentials of a URI. */
  public static String withoutCredentials(String text) {
    return PASSWORD.matcher(text).replaceAll("...");
  }

  /**
   * Why a text would name another place than the user meant, with the fix; empty if it is as it
   * looks. The text itself is not in the sentence.
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
          "characters in it were lost, since the encoding of this process is %s: set LC_ALL=C.UTF-8 in the environment, and give the text in UTF-8"
              .formatted(encoding));
    }
    return Optional.empty();
  }

  /**
   * Whether characters of an argument were not in the encoding: this process puts U+FFFD in place
   * of each of their bytes, and a process that called it, as spark-submit's launcher does, a ?.
   */
  private static boolean isDamaged(String text, Charset encoding) {
    boolean isUnicode = encoding.newEncoder().canEncode('\uFFFD');
    return text.indexOf('\uFFFD') >= 0 || (!isUnicode && text.indexOf('?') >= 0);
  }

  /**
   * Checks that this process can name a local file: Java would put ? in place of characters that
   * are not in its encoding. Each process has its own, so that driver and executors both ask.
   *
   * @throws EnvironmentFailure if it cannot
   */
  public static void checkEncodable(URI location) {
    checkEncodable(location, ENCODING);
  }

  static void checkEncodable(URI location, Charset encoding) {
    boolean isLocal = location.getScheme() == null || location.getScheme().equals("file");
    if (isLocal && !encoding.newEncoder().canEncode(location.getPath())) {
      throw new EnvironmentFailure(
          "%s has characters that are not in the encoding of file names of this process, %s: set LC_ALL=C.UTF-8 in the environment of spark-submit, and of executors by --conf spark.executorEnv.LC_ALL=C.UTF-8."
              .formatted(location.getPath(), encoding));
    }
  }
}
