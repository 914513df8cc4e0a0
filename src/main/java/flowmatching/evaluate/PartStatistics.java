package flowmatching.evaluate;

import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a part of a set adds to the whole.
 *
 * @param vectors features of some of its images by id, those that are needed one by one
 */
record PartStatistics(ImageStatistics statistics, Map<Long, float[]> vectors)
    implements Serializable {

  /** Of no images yet. */
  static PartStatistics none(FeatureExtractor extractor, Bootstrap bootstrap) {
    return new PartStatistics(
        new ImageStatistics(extractor.features(), extractor.classes(), bootstrap), new TreeMap<>());
  }

  PartStatistics merge(PartStatistics other) {
    statistics.merge(other.statistics);
    vectors.putAll(other.vectors);
    return this;
  }

  float[][] vectorList() {
    return vectors.values().toArray(float[][]::new);
  }
}
