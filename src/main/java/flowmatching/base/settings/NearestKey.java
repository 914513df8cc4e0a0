package flowmatching.base.settings;

import java.util.Collection;
import java.util.Comparator;

/** The known key that an unknown one was most likely meant to be. */
final class NearestKey {
  private NearestKey() {}

  /** Distance counts in the whole path and again in its last element: sections are long to miss. */
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

  /** Levenshtein's edit distance: characters to insert, delete or replace. */
  private static int distance(String from, String to) {
    var row = new int[to.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[to.length()];
  }
}
