package flowmatching.work.evaluate;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.settings.ImageShape;
import java.io.Serializable;
import java.util.List;

/**
 * What an extractor says of itself. Figures compare with those of the same one alone.
 *
 * @param version such as a digest of its weights
 * @param dataSet that its features are made for; empty if for any
 * @param image that it takes
 * @param features of an image
 * @param classes names of those that it tells apart
 */
record ExtractorFacts(
    String name,
    String version,
    String dataSet,
    ImageShape image,
    int features,
    List<String> classes)
    implements Serializable {
  /** A task holds so much beside its images, and the driver a few times that. */
  private static final long MAX_SUMS_BYTES = 256 << 20;

  /**
   * Asks the extractor of a name.
   *
   * @throws ConfigurationFailure where there is none
   */
  static ExtractorFacts of(String name) {
    try (FeatureExtractor extractor = FeatureExtractors.named(name)) {
      return new ExtractorFacts(
          name,
          extractor.version(),
          extractor.dataSet(),
          extractor.image(),
          extractor.features(),
          List.copyOf(extractor.classes()));
    }
  }

  boolean isMadeFor(String data) {
    return dataSet.isEmpty() || dataSet.equals(data);
  }

  /**
   * Sees that the sums of so many replicates fit into memory.
   *
   * @throws ConfigurationFailure where they do not
   */
  void check(int replicates) {
    long bytes = (replicates + 1L) * features * (features + 3) / 2 * Double.BYTES;
    if (bytes > MAX_SUMS_BYTES) {
      throw new ConfigurationFailure(
          "evaluate.bootstrap = %d needs %d MB for sums of the %d features of %s, and %d MB are allowed: give fewer replicates."
              .formatted(replicates, bytes >> 20, features, name, MAX_SUMS_BYTES >> 20));
    }
  }
}
