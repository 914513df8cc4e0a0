package flowmatching.means.data;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.settings.Split;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.lang3.EnumUtils;
import org.apache.commons.lang3.math.NumberUtils;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** The options of {@link IdxDataSource}; limit and partitions are the most of each to read. */
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
    Split split = EnumUtils.getEnumIgnoreCase(Split.class, name);
    if (split == null) {
      throw new ConfigurationFailure(
          "The split of a data set is \"%s\"; allowed are train and test.".formatted(name));
    }
    return split;
  }

  private static int positive(CaseInsensitiveStringMap options, String name, int defaultValue) {
    String text = options.getOrDefault(name, Integer.toString(defaultValue));
    // Java also takes the digits of other scripts.
    int value = text.matches("\\p{ASCII}*") ? NumberUtils.toInt(text) : 0;
    if (value < 1) {
      throw new ConfigurationFailure(
          "The option %s of the data source idx is \"%s\"; allowed are whole numbers from 1 to %d."
              .formatted(name, text, Integer.MAX_VALUE));
    }
    return value;
  }
}
