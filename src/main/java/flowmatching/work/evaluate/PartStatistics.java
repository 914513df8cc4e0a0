package flowmatching.work.evaluate;

import java.io.Serializable;

/**
 * What a part of a set adds to the whole.
 *
 * @param ids of all its images
 * @param vectors features of the images of the lowest ids, which are needed one by one
 * @param images of the lowest ids themselves
 */
record PartStatistics(
    SeenIds ids,
    ImageStatistics statistics,
    LowestIds<float[]> vectors,
    LowestIds<IndexedImage> images)
    implements Serializable {
  /** Of each side for precision and recall, whose cost is the product of both. */
  private static final int MAX_VECTORS = 5000;

  /** Those that are shown, the nearest training images of the first ones among them. */
  private static final int MAX_IMAGES = 128;

  /**
   * Of no images yet.
   *
   * @param set for a message
   */
  static PartStatistics none(String set, ExtractorFacts extractor, Bootstrap bootstrap) {
    return new PartStatistics(
        new SeenIds(set),
        new ImageStatistics(extractor.features(), extractor.classes().size(), bootstrap),
        new LowestIds<>(MAX_VECTORS),
        new LowestIds<>(MAX_IMAGES));
  }

  /**
   * Adds another part.
   *
   * @throws flowmatching.base.failure.DataFailure if an image is in both
   */
  PartStatistics merge(PartStatistics other) {
    ids.addAll(other.ids);
    statistics.merge(other.statistics);
    vectors.putAll(other.vectors);
    images.putAll(other.images);
    return this;
  }
}
