package flowmatching.work.sample;

import flowmatching.base.failure.DataFailure;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of pictures in a folder or an archive. A name is the id of an image, with or without
 * leading zeros, such as {@code 17.png} and {@code ./000000017.png}.
 */
final class ImageNames {
  /** The folder of PNG files, in the run's folder. */
  static final String FOLDER = "png";

  /** Excludes hidden files: macOS keeps a picture's attributes in {@code ._17.png}. */
  static final String PICTURE = "(?:.*/)?[^./][^/]*\\.(?i:png)";

  private static final Pattern ID = Pattern.compile("(?:.*/)?(\\d{1,18})\\.(?i:png)");

  private final String place;
  private final SortedMap<Long, String> names = new TreeMap<>();

  ImageNames(String place) {
    this.place = place;
  }

  /** The name that SampleJob gives an image's PNG file, in the run's folder. */
  static String ofFile(long id) {
    return FOLDER + "/" + id + ".png";
  }

  static boolean isPicture(String name) {
    return name.matches(PICTURE);
  }

  /**
   * The id in a picture's name.
   *
   * @throws DataFailure if it has none
   */
  static long id(String name, String place) {
    Matcher matcher = ID.matcher(name);
    if (!matcher.matches()) {
      throw new DataFailure(
          "'%s' in %s is not named by the number of an image, of at most 18 digits, as SampleJob names its files: remove it, or give another folder."
              .formatted(name, place));
    }
    return Long.parseLong(matcher.group(1));
  }

  /**
   * Adds a picture.
   *
   * @throws DataFailure if its name has no id, or another picture has the same
   */
  void add(String name) {
    long id = id(name, place);
    String other = names.put(id, name);
    if (other != null) {
      throw new DataFailure(
          "'%s' and '%s' in %s are both image %d: remove one of them."
              .formatted(other, name, place, id));
    }
  }

  /** The names that were added, by their ids. */
  SortedMap<Long, String> byId() {
    return names;
  }
}
