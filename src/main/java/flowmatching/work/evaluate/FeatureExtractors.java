package flowmatching.work.evaluate;

import flowmatching.base.failure.ConfigurationFailure;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** The extractors of the class path. */
final class FeatureExtractors {
  private FeatureExtractors() {}

  /**
   * A new one of a name.
   *
   * @throws ConfigurationFailure where there is none
   */
  static FeatureExtractor named(String name) {
    var all = ServiceLoader.load(FeatureExtractor.class, FeatureExtractors.class.getClassLoader());
    for (FeatureExtractor extractor : all) {
      if (extractor.name().equals(name)) {
        return extractor;
      }
    }
    throw new ConfigurationFailure(
        "evaluate.extractor is %s, and the class path has %s: give one of these, or add a jar with the service %s (--jars)."
            .formatted(
                name,
                all.stream()
                    .map(provider -> provider.get().name())
                    .collect(Collectors.joining(", ")),
                FeatureExtractor.class.getName()));
  }
}
