package flowmatching.means.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/**
 * {@code evaluation.json}.
 *
 * @param samples the folder of the samples, or of the network that was sampled
 * @param data the name of the real images' data set, or its folder if it is unknown; version 0.1.0
 *     did not write it
 * @param distance squared Fréchet distance of the samples to the test images
 * @param interval ends of the distance's 95 % interval; empty if there is none
 * @param floor the same distance of as many training images
 * @param ceiling the same distance of as many images of noise
 * @param precision the share of samples that look like test images
 * @param recall the share of test images that look like samples
 * @param classShares of the samples, as the extractor classifies them
 * @param realClassShares of the test images
 * @param nearest training images of some samples; a memorised image has distance 0
 * @param solvers distances of the same network's images by each of {@code evaluate.solvers}
 * @param warnings about the figures' validity
 */
public record EvaluationResult(
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

  /**
   * The training image that is most like a sample.
   *
   * @param distance root of the mean square over all pixels, which are from 0 to 255
   */
  public record NearestImage(long sample, long trainingImage, double distance) {}

  /**
   * The distance by one solver.
   *
   * @param evaluations of the network per image, a mean
   */
  public record SolverDistance(
      String solver, double evaluations, double distance, List<Double> interval) {}

  /**
   * What made the figures.
   *
   * @param modelSha256 digest of the model; empty if it is unknown
   * @param codeVersion of this program
   * @param numerics see {@link RunRecord}
   * @param settings all sections
   * @param origins where each setting comes from, by its path
   */
  public record Provenance(
      String modelSha256,
      String codeVersion,
      JsonNode numerics,
      String sparkVersion,
      String master,
      JsonNode settings,
      Map<String, String> origins) {}

  /** The same result with the table of solvers. */
  public EvaluationResult with(List<SolverDistance> table) {
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
