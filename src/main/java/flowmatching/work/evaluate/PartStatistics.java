package flowmatching.work.evaluate;

import flowmatching.means.run.ExtractorFacts;
import flowmatching.work.sample.IndexedImage;
import java.io.Serializable;

/**
 * The statistics of a part of a set, which merge into those of the whole.
 *
 * @param vectors of the lowest ids, for precision and recall
 * @param images of the lowest ids, for the contact sheet
 */
record PartStatistics(
    ImageStatistics statistics, LowestIds<float[]> vectors, LowestIds<IndexedImage> images)
    implements Serializable {
  /** Precision and recall cost the product of the vectors of both sets. */
  private static final int MAX_VECTORS = 5000;

  private static final int MAX_IMAGES = 128;

  /** The statistics of no images. */
  static PartStatistics empty(ExtractorFacts extractor, Bootstrap bootstrap) {
    return new PartStatistics(
        new ImageStatistics(extractor.features(), extractor.classes().size(), bootstrap),
        new LowestIds<>(MAX_VECTORS),
        new LowestIds<>(MAX_IMAGES));
  }

  /** Adds another part. */
  PartStatistics merge(PartStatistics other) {
    statistics.merge(other.statistics);
    other.vectors.forEach(vectors::put);
    other.images.forEach(images::put);
    return this;
  }
}
