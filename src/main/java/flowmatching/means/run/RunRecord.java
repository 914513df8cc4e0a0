package flowmatching.means.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * {@code run.json}: what a training run consists of.
 *
 * @param codeVersion of this program at the last start
 * @param runSha256 the digest of all that identifies the run, as its first start computed it; its
 *     checkpoints have it too. Empty in a run of a version that had none
 * @param settings all sections
 * @param origins where each setting comes from, by its path
 * @param initialWeightsSha256 digest of the network that training started from; empty if the
 *     weights were random, or if that network could not be read at the last start
 * @param modelWeights which weights the model has: {@code averaged}, or those of the {@code last}
 *     step
 * @param numerics a {@link flowmatching.network.backend.NumericIdentity}, as the version that wrote
 *     it knew it
 * @param cluster of the last start, which may change
 */
public record RunRecord(
    String codeVersion,
    String runSha256,
    JsonNode settings,
    Map<String, String> origins,
    Data data,
    Data validationData,
    String initialWeightsSha256,
    String modelWeights,
    JsonNode numerics,
    Cluster cluster) {

  /** The same with another digest of the run. */
  public RunRecord withRunSha256(String sha256) {
    return new RunRecord(
        codeVersion,
        sha256,
        settings,
        origins,
        data,
        validationData,
        initialWeightsSha256,
        modelWeights,
        numerics,
        cluster);
  }

  /**
   * A set of images.
   *
   * @param name of the data set, or its folder
   */
  public record Data(
      String name, String split, int images, String imagesSha256, String labelsSha256) {}

  /**
   * The cluster that computes a run.
   *
   * @param threads per replica
   */
  public record Cluster(String sparkVersion, String master, int replicas, int threads) {}
}
