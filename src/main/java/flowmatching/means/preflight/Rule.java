package flowmatching.means.preflight;

import java.util.Optional;
import java.util.stream.Stream;

/** What a run requires of the driver and the executors. */
interface Rule {
  /** A sentence per violation, which says how to fix it; empty for what is as required. */
  Stream<Optional<String>> failures(Census census);

  static Optional<String> failIf(boolean violated, String sentence) {
    return violated ? Optional.of(sentence) : Optional.empty();
  }

  static String mb(long bytes) {
    return (bytes >> 20) + " MB";
  }
}
