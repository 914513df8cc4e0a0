package flowmatching.base.settings;

import java.io.Serializable;
import java.util.List;

/**
 * Section {@code evaluate}: which images are held against the real ones, and how.
 *
 * @param samples the folder of a run date of SampleJob; where it is empty, so many images are drawn
 *     by a network, that of SampleJob's settings
 * @param output the folder that the figures are written to; empty only where it is not set and the
 *     job that runs is not {@link Job#EVALUATE}
 * @param count the most images of each set, those of the lowest ids
 * @param extractor name of what turns images into features
 * @param bootstrap replicates that the interval is of; 0 for no interval
 * @param solvers whose distances are told beside the evaluations they take
 * @param neighbours the radius of an image's neighbourhood is the distance to its neighbour of this
 *     number
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

  static EvaluateSettings read(Reader reader, Job job) {
    boolean evaluating = job == Job.EVALUATE;
    return new EvaluateSettings(
        reader.value("evaluate.samples", Kind.FOLDER, ""),
        evaluating
            ? reader.value("evaluate.output", Kind.FOLDER)
            : reader.value("evaluate.output", Kind.FOLDER, ""),
        reader.value("evaluate.count", Kind.integer(2, 1_000_000)),
        reader.value("evaluate.extractor", Kind.NAME),
        reader.value("evaluate.bootstrap", Kind.integer(40, 1000).or("none", 0)),
        reader.value("evaluate.neighbours", Kind.integer(1, 50)),
        reader.value("evaluate.solvers", SolverEffort.KIND.list(0, 100)));
  }
}
