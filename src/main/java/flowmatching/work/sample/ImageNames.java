package flowmatching.work.sample;

import flowmatching.base.failure.DataFailure;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of pictures in a folder or an archive. A name is the id of an image, with or without
 * leading zeros, such as {@code 17.png} and {@code ./000000017.png}.
 */
final class ImageNames {
  /** Excludes hidden files: macOS keeps a picture's attributes in {@code ._17.png}. */
  static final String PICTURE = "(?:.*/)?[^./][^/]*\\.(?i:png)";

  private static final Pattern ID = Pattern.compile("(?:.*/)?(\\d{1,18})\\.(?i:png)");

  private final String place;
  private final Map<Long, String> names = new HashMap<>();

  ImageNames(String place) {
    this.place = place;
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
          "'%s' in %s is not named by the number of an image, as SampleJob names its files: remove it, or give another folder."
              .formatted(name, place));
    }
    return Long.parseLong(matcher.group(1));
  }

  /**
   * Adds a picture.
   *
   * @return its id
   * @throws DataFailure if its name has none, or another picture has the same
   */
  long add(String name) {
    long id = id(name, place);
    String other = names.put(id, name);
    if (other != null) {
      throw new DataFailure(
          "'%s' and '%s' in %s are both image %d: remove one of them."
              .formatted(other, name, place, id));
    }
    return id;
  }
}
