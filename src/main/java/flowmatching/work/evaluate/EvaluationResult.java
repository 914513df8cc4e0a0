package flowmatching.work.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.network.backend.NumericIdentity;
import java.util.List;
import java.util.Map;

/**
 * What {@code evaluation.json} holds.
 *
 * @param samples where they are from
 * @param data the name of the real images' data set, or the folder of one that is not known
 * @param distance squared Fréchet distance of the samples to the test images
 * @param interval what 95 % of other samples of that many would have, its ends; empty where it is
 *     not told
 * @param floor the same distance of as many training images
 * @param ceiling of as many images of noise
 * @param precision the share of samples that look as test images do
 * @param recall the share of test images that look as samples do
 * @param classShares of the samples, as the extractor sees them
 * @param realClassShares of the test images
 * @param nearest of some samples, which memorised images would have at no distance
 * @param solvers what the same network's images have by each of {@code evaluate.solvers}
 * @param warnings what makes the figures less than they seem
 */
record EvaluationResult(
    String samples,
    String data,
    long images,
    long testImages,
    ExtractorFacts extractor,
    double distance,
    List<Double> interval,
    double floor,
    double ceiling,
    double precision,
    double recall,
    List<Double> classShares,
    List<Double> realClassShares,
    List<NearestImage> nearest,
    List<SolverDistance> solvers,
    List<String> warnings,
    Provenance provenance) {

  /** The training image that is most like a sample, see {@link NearestImages.Nearest}. */
  record NearestImage(long sample, long trainingImage, double distance) {}

  /**
   * How close a solver comes.
   *
   * @param evaluations of the network for an image, their mean
   */
  record SolverDistance(
      String solver, double evaluations, double distance, List<Double> interval) {}

  /**
   * What made the figures.
   *
   * @param modelSha256 the model's digest; empty where the samples do not tell it
   * @param codeVersion of this program
   * @param settings all sections
   * @param origins where each setting comes from, by its path
   */
  record Provenance(
      String modelSha256,
      String codeVersion,
      NumericIdentity numerics,
      String sparkVersion,
      String master,
      JsonNode settings,
      Map<String, String> origins) {}

  /** The same with the table of solvers. */
  EvaluationResult with(List<SolverDistance> table) {
    return new EvaluationResult(
        samples,
        data,
        images,
        testImages,
        extractor,
        distance,
        interval,
        floor,
        ceiling,
        precision,
        recall,
        classShares,
        realClassShares,
        nearest,
        table,
        warnings,
        provenance);
  }
}
