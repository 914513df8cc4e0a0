package flowmatching.means.data;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.settings.Split;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * The options of {@code spark.read().format("idx")}.
 *
 * @param limit the most images to read
 * @param partitions the most partitions to read them in
 */
record IdxOptions(String path, Split split, int limit, int partitions) {
  static final String PATH = "path";
  static final String SPLIT = "split";
  static final String LIMIT = "limit";
  static final String PARTITIONS = "partitions";

  /**
   * Parses the options.
   *
   * @throws ConfigurationFailure if one is unknown, missing or out of range
   */
  static IdxOptions of(CaseInsensitiveStringMap options, int defaultPartitions) {
    var unknown = new TreeSet<>(options.keySet());
    unknown.removeAll(Set.of(PATH, SPLIT, LIMIT, PARTITIONS));
    if (!unknown.isEmpty()) {
      throw new ConfigurationFailure(
          "The data source idx has no option %s; it has path (a folder), split, limit, partitions."
              .formatted(String.join(", ", unknown)));
    }
    String path = options.get(PATH);
    if (path == null) {
      throw new ConfigurationFailure(
          "The data source idx needs the folder of the images: call load(folder).");
    }
    return new IdxOptions(
        path,
        split(options.getOrDefault(SPLIT, Split.TRAIN.toString())),
        positive(options, LIMIT, Integer.MAX_VALUE),
        positive(options, PARTITIONS, defaultPartitions));
  }

  private static Split split(String name) {
    return Arrays.stream(Split.values())
        .filter(split -> split.toString().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigurationFailure(
                    "The split of a data set is \"%s\"; allowed are train and test."
                        .formatted(name)));
  }

  private static int positive(CaseInsensitiveStringMap options, String name, int defaultValue) {
    String text = options.get(name);
    if (text == null) {
      return defaultValue;
    }
    try {
      int value = Integer.parseInt(text);
      // Java also takes the digits of other scripts.
      if (value > 0 && text.matches("\\p{ASCII}*")) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw outOfRange(name, text, e);
    }
    throw outOfRange(name, text, null);
  }

  private static ConfigurationFailure outOfRange(String name, String text, Exception cause) {
    return new ConfigurationFailure(
        "The option %s of the data source idx is \"%s\"; allowed are whole numbers from 1 to %d."
            .formatted(name, text, Integer.MAX_VALUE),
        cause);
  }
}
