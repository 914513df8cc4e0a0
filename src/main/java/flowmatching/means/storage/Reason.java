package flowmatching.means.storage;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import javax.net.ssl.SSLException;
import org.apache.commons.lang3.exception.ExceptionUtils;

/** Why a file system failed, for a message to the user. */
public final class Reason {
  private Reason() {}

  /** The reason in an exception, without a full stop. */
  public static String of(Throwable e) {
    if (has(e, UnknownHostException.class)) {
      return "there is no host '%s': check the path, or the store's endpoint"
          .formatted(ExceptionUtils.getRootCause(e).getMessage());
    }
    if (has(e, SSLException.class)) {
      return "the store's endpoint does not speak TLS (%s): check its port, and whether it is http or https"
          .formatted(rootWords(e));
    }
    if (has(e, ConnectException.class)) {
      return "nothing answers at its address (%s): check that the store is running, and its endpoint"
          .formatted(rootWords(e));
    }
    if (e instanceof AccessDeniedException) {
      return e.getCause() == null
          ? "access is denied"
          : "access is denied (%s): check the credentials and their permissions"
              .formatted(words(e.getCause()));
    }
    if (e instanceof FileAlreadyExistsException || e instanceof NotDirectoryException) {
      return noFolder(e.getMessage());
    }
    if (e instanceof FileSystemException file
        && file.getReason() == null
        && e.getMessage() != null) {
      return e.getClass().getSimpleName() + " at " + e.getMessage();
    }
    // Stores' clients wrap exceptions; the innermost one is the most specific.
    return rootWords(e);
  }

  /** Why a local path is no folder, without a full stop. */
  static String noFolder(String path) {
    Path local = Path.of(path);
    if (!Files.isSymbolicLink(local) || Files.exists(local)) {
      return path + " is a file, not a folder";
    }
    try {
      return "%s is a link to %s, which does not exist"
          .formatted(path, Files.readSymbolicLink(local));
    } catch (IOException e) {
      return path + " is a link to nothing";
    }
  }

  /** Whether the server did not answer at all. */
  static boolean isNoAnswer(Throwable e) {
    return has(e, SocketException.class)
        || has(e, InterruptedIOException.class)
        || has(e, UnknownHostException.class);
  }

  private static boolean has(Throwable e, Class<? extends Throwable> type) {
    return ExceptionUtils.indexOfType(e, type) >= 0;
  }

  private static String rootWords(Throwable e) {
    return words(ExceptionUtils.getRootCause(e));
  }

  /** The first line of a message, without the request ids that the AWS SDK adds. */
  private static String words(Throwable e) {
    if (e.getMessage() == null) {
      return e.getClass().getSimpleName();
    }
    return e.getMessage()
        .lines()
        .findFirst()
        .orElse("")
        .replaceFirst(" \\((Service: |SDK ).*", "")
        .replaceFirst("\\.$", "");
  }
}
