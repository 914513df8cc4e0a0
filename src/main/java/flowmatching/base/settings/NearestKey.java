package flowmatching.base.settings;

import java.util.Collection;
import java.util.Comparator;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** The known key that an unknown one was most likely meant to be. */
final class NearestKey {
  private NearestKey() {}

  /** Counts the last element twice: a section alone is too long to outweigh it. */
  static String to(String unknown, Collection<String> known) {
    return known.stream()
        .min(
            Comparator.comparingInt(
                key -> distance(unknown, key) + distance(lastElement(unknown), lastElement(key))))
        .orElseThrow();
  }

  private static String lastElement(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  private static int distance(String from, String to) {
    return LevenshteinDistance.getDefaultInstance().apply(from, to);
  }
}
