package flowmatching.work.evaluate;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.means.run.ExtractorFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/** The extractors on the class path. */
final class FeatureExtractors {
  private FeatureExtractors() {}

  /**
   * The properties of the extractor with a name.
   *
   * @throws ConfigurationFailure if there is none
   */
  static ExtractorFacts facts(String name) {
    try (FeatureExtractor extractor = named(name)) {
      return new ExtractorFacts(
          name,
          extractor.version(),
          extractor.dataSet(),
          extractor.image(),
          extractor.features(),
          List.copyOf(extractor.classes()));
    }
  }

  /**
   * A new extractor with a name.
   *
   * @throws ConfigurationFailure if there is none
   */
  static FeatureExtractor named(String name) {
    List<String> others = new ArrayList<>();
    for (FeatureExtractor extractor :
        ServiceLoader.load(FeatureExtractor.class, FeatureExtractors.class.getClassLoader())) {
      if (extractor.name().equals(name)) {
        return extractor;
      }
      others.add(extractor.name());
    }
    throw new ConfigurationFailure(
        "evaluate.extractor is %s, but the class path has only %s: give one of these, or add a jar with the service %s (--jars)."
            .formatted(name, String.join(", ", others), FeatureExtractor.class.getName()));
  }
}
