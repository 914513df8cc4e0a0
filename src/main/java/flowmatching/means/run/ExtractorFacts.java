package flowmatching.means.run;

import flowmatching.base.settings.ImageShape;
import java.io.Serializable;
import java.util.List;

/**
 * A feature extractor. Distances are comparable only if the extractor is the same.
 *
 * @param version such as a digest of its weights
 * @param dataSet that its features are made for; empty if for any
 * @param image shape of its input
 * @param features per image
 * @param classes names of the classes that it distinguishes
 */
public record ExtractorFacts(
    String name,
    String version,
    String dataSet,
    ImageShape image,
    int features,
    List<String> classes)
    implements Serializable {

  public boolean isMadeFor(String data) {
    return dataSet.isEmpty() || dataSet.equals(data);
  }
}
