package flowmatching.means.storage;

import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NotDirectoryException;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/** Why a filesystem could not do something, in words to a user. */
public final class Reason {
  /** Causes are followed so far, in case a chain of them leads back into itself. */
  private static final int MAX_CAUSES = 20;

  private Reason() {}

  /** The reason that is in an exception, without a full stop. */
  public static String of(Throwable e) {
    var unknown = find(e, UnknownHostException.class);
    if (unknown.isPresent()) {
      return "there is no host '%s': check the path, or the store's endpoint"
          .formatted(last(e).getMessage());
    }
    if (find(e, SSLException.class).isPresent()) {
      return "the store's endpoint does not speak TLS as it should (%s): check whether it is http or https, and its port"
          .formatted(words(last(e)));
    }
    if (find(e, ConnectException.class).isPresent()) {
      return "nothing answers at its address (%s): check that the store runs, and its endpoint"
          .formatted(words(last(e)));
    }
    if (e instanceof AccessDeniedException) {
      return e.getCause() == null
          ? "access is denied"
          : "access is denied (%s): check the credentials, and what they allow"
              .formatted(words(e.getCause()));
    }
    if (e instanceof FileAlreadyExistsException || e instanceof NotDirectoryException) {
      return e.getMessage() + " is a file, not a folder";
    }
    if (e instanceof FileSystemException file
        && file.getReason() == null
        && e.getMessage() != null) {
      return e.getClass().getSimpleName() + " at " + e.getMessage();
    }
    // What a store's client wraps says it best.
    return words(last(e));
  }

  /** Whether nobody answered who could have said what is wrong. */
  static boolean isNoAnswer(Throwable e) {
    return find(e, SocketException.class).isPresent()
        || find(e, InterruptedIOException.class).isPresent()
        || find(e, UnknownHostException.class).isPresent();
  }

  private static <T> Optional<T> find(Throwable e, Class<T> type) {
    return chain(e).filter(type::isInstance).map(type::cast).findFirst();
  }

  private static Throwable last(Throwable e) {
    return chain(e).reduce((before, after) -> after).orElse(e);
  }

  private static Stream<Throwable> chain(Throwable e) {
    return Stream.iterate(e, Objects::nonNull, Throwable::getCause).limit(MAX_CAUSES);
  }

  /** The first line of a message, less what a store's client adds for those who wrote it. */
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
