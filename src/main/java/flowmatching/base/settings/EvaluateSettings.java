package flowmatching.base.settings;

import java.io.Serializable;
import java.util.List;

/**
 * Section {@code evaluate}: which images are compared with the real ones, and how.
 *
 * @param samples the folder of a run date of SampleJob; if it is empty, {@code count} images are
 *     drawn from the network of SampleJob's settings
 * @param output the folder of the results; empty only if it is not set and the job is not {@link
 *     Job#EVALUATE}
 * @param count the largest number of images per set, those with the lowest ids
 * @param bootstrap replicates behind the confidence interval; 0 for no interval
 * @param neighbours the k of precision and recall: an image's neighbourhood reaches to its k-th
 *     nearest neighbour
 * @param solvers the solvers to compare by distance and evaluations
 */
public record EvaluateSettings(
    String samples,
    String output,
    int count,
    String extractor,
    int bootstrap,
    int neighbours,
    List<SolverEffort> solvers)
    implements Serializable {

  public EvaluateSettings {
    solvers = List.copyOf(solvers);
  }

  /** Whether images are drawn from a network. */
  boolean drawsImages() {
    return samples.isEmpty() || !solvers.isEmpty();
  }

  static EvaluateSettings read(Reader reader, Job job) {
    return new EvaluateSettings(
        reader.folder("evaluate.samples", false),
        reader.folder("evaluate.output", job == Job.EVALUATE),
        reader.value("evaluate.count", Kind.integer(2, 1_000_000)),
        reader.value("evaluate.extractor", Kind.NAME),
        reader.value("evaluate.bootstrap", Kind.integer(40, 1000).or("none", 0)),
        reader.value("evaluate.neighbours", Kind.integer(1, 50)),
        reader.value("evaluate.solvers", SolverEffort.KIND.list(0, 100)));
  }
}
