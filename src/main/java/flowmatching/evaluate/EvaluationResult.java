package flowmatching.evaluate;

import java.util.List;

/**
 * What {@code evaluation.json} holds.
 *
 * @param distance squared Fréchet distance of the samples to the test images
 * @param interval that has 95 % of the bootstrap's distances, its ends; empty without a bootstrap
 * @param floor the same distance of as many training images
 * @param ceiling of as many images of noise
 * @param precision the share of samples that look as test images do
 * @param recall the share of test images that look as samples do
 * @param classShares of the samples, as the extractor sees them
 * @param realClassShares of the test images
 * @param warnings what makes the figures less than they seem
 */
record EvaluationResult(
    String samples,
    long images,
    long testImages,
    Extractor extractor,
    double distance,
    List<Double> interval,
    double floor,
    double ceiling,
    double precision,
    double recall,
    List<Double> classShares,
    List<Double> realClassShares,
    List<String> warnings) {

  /** What the figures are by: they compare with those of the same one alone. */
  record Extractor(String name, String version, int features) {}
}
