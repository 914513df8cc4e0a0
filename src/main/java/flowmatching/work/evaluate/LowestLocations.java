package flowmatching.work.evaluate;

import flowmatching.base.failure.DataFailure;
import flowmatching.work.sample.ImageLocation;
import flowmatching.work.sample.SampleFiles;
import java.io.Serializable;
import java.util.List;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;

/** The lowest ids of a set of files, up to a maximum number, with the file of each. */
final class LowestLocations implements Serializable {
  private final String set;
  private final int max;
  private final TreeMap<Long, String> files = new TreeMap<>();

  private LowestLocations(String set, int max) {
    this.set = set;
    this.max = max;
  }

  /**
   * Reads the ids on the executors.
   *
   * @throws DataFailure if a file is damaged, or one of these ids is there more than once
   */
  static LowestLocations of(SampleFiles found, int max, JavaSparkContext spark) {
    String set = found.folder().toString();
    return OrderedMerge.of(
        found
            .locations(spark)
            .mapPartitions(
                locations -> {
                  LowestLocations part = new LowestLocations(set, max);
                  locations.forEachRemaining(part::add);
                  return List.of(part).iterator();
                }),
        LowestLocations::merge);
  }

  private void add(ImageLocation image) {
    add(image.id(), image.file());
  }

  private void add(long id, String file) {
    String other = files.putIfAbsent(id, file);
    if (other != null) {
      throw new DataFailure(
          "Image %d is in %s more than once, %s: keep one file with that image, and remove the others."
              .formatted(
                  id,
                  set,
                  file.equals(other)
                      ? "twice in %s".formatted(file)
                      : "in %s and %s".formatted(other, file)));
    }
    if (files.size() > max) {
      files.pollLastEntry();
    }
  }

  private LowestLocations merge(LowestLocations later) {
    later.files.forEach(this::add);
    return this;
  }

  int size() {
    return files.size();
  }

  /** The highest of these ids; {@link Long#MAX_VALUE} if they are all ids of the set. */
  long last() {
    return files.size() < max ? Long.MAX_VALUE : files.lastKey();
  }

  /** How many of the ids from {@code first} to before {@code end} there are. */
  int count(long first, long end) {
    return files.subMap(first, end).size();
  }
}
