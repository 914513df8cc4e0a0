import flowmatching.base.settings.Job;
import flowmatching.base.settings.Settings;
import flowmatching.job.JobCommand;
import flowmatching.job.JobSession;
import flowmatching.work.evaluate.Evaluation;

/** {@code spark-submit --class EvaluateJob}: measures the quality of SampleJob's images. */
// Users submit it by this name.
@SuppressWarnings("DefaultPackage")
public final class EvaluateJob {
  private EvaluateJob() {}

  public static void main(String[] args) {
    new JobCommand(
            Job.EVALUATE,
            "EvaluateJob",
            "Compares images of SampleJob with real images.",
            EvaluateJob::evaluate)
        .run(System::exit, args);
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
