package flowmatching.settings;

import java.io.Serializable;

/**
 * Section {@code evaluate}: which images are held against the real ones, and how.
 *
 * @param samples the folder of a run date of SampleJob; empty only where it is not set and the job
 *     that runs is not {@link Job#EVALUATE}
 * @param output the folder that the figures are written to; empty as {@code samples}
 * @param count the most images of each set, those of the lowest ids
 * @param extractor name of what turns images into features
 * @param bootstrap replicates that the interval is of
 * @param neighbours the radius of an image's neighbourhood is the distance to its neighbour of this
 *     number
 */
public record EvaluateSettings(
    String samples, String output, int count, String extractor, int bootstrap, int neighbours)
    implements Serializable {

  static EvaluateSettings read(Reader reader, Job job) {
    boolean evaluating = job == Job.EVALUATE;
    return new EvaluateSettings(
        evaluating
            ? reader.value("evaluate.samples", Kind.FOLDER)
            : reader.value("evaluate.samples", Kind.FOLDER, ""),
        evaluating
            ? reader.value("evaluate.output", Kind.FOLDER)
            : reader.value("evaluate.output", Kind.FOLDER, ""),
        reader.value("evaluate.count", Kind.integer(2, 1_000_000)),
        reader.value("evaluate.extractor", Kind.NAME),
        reader.value("evaluate.bootstrap", Kind.integer(0, 1000)),
        reader.value("evaluate.neighbours", Kind.integer(1, 50)));
  }
}
