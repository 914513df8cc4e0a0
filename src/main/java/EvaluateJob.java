import flowmatching.base.settings.Job;
import flowmatching.base.settings.Settings;
import flowmatching.job.JobCommand;
import flowmatching.job.JobSession;
import flowmatching.work.evaluate.Evaluation;

/** Says how good SampleJob's images are: {@code spark-submit --class EvaluateJob}. */
// Its name is a contract with those who submit it.
@SuppressWarnings("DefaultPackage")
public final class EvaluateJob {
  private EvaluateJob() {}

  public static void main(String[] args) {
    int exitCode =
        JobCommand.of(
                Job.EVALUATE,
                "EvaluateJob",
                "Compares images of SampleJob with real ones.",
                EvaluateJob::evaluate)
            .run(args);
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  private static void evaluate(Settings settings, boolean checkOnly) {
    try (var spark = JobSession.open("flow matching: evaluation")) {
      var evaluation = Evaluation.open(spark, settings);
      if (!checkOnly) {
        evaluation.run();
      }
    }
  }
}
