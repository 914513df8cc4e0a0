package flowmatching.evaluate;

import java.io.Serializable;

/**
 * What a part of a set adds to the whole.
 *
 * @param vectors features of the images of the lowest ids, which are needed one by one
 * @param images of the lowest ids themselves
 */
record PartStatistics(
    ImageStatistics statistics, LowestIds<float[]> vectors, LowestIds<IndexedImage> images)
    implements Serializable {
  /** Of each side for precision and recall, whose cost is the product of both. */
  private static final int MAX_VECTORS = 5000;

  /** Those that are shown, the nearest training images of the first ones among them. */
  private static final int MAX_IMAGES = 128;

  /** Of no images yet. */
  static PartStatistics none(ExtractorFacts extractor, Bootstrap bootstrap) {
    return new PartStatistics(
        new ImageStatistics(extractor.features(), extractor.classes().size(), bootstrap),
        new LowestIds<>(MAX_VECTORS),
        new LowestIds<>(MAX_IMAGES));
  }

  PartStatistics merge(PartStatistics other) {
    statistics.merge(other.statistics);
    vectors.putAll(other.vectors);
    images.putAll(other.images);
    return this;
  }
}
