import flowmatching.base.settings.Job;
import flowmatching.base.settings.Settings;
import flowmatching.job.JobCommand;
import flowmatching.job.JobSession;
import flowmatching.work.sample.SampleRun;

/** {@code spark-submit --class SampleJob}: draws images from a trained network. */
// Users submit it by this name.
@SuppressWarnings("DefaultPackage")
public final class SampleJob {
  private SampleJob() {}

  public static void main(String[] args) {
    new JobCommand(
            Job.SAMPLE,
            "SampleJob",
            "Draws images from a trained network into files of a run date.",
            SampleJob::sample)
        .run(System::exit, args);
  }

  private static void sample(Settings settings, boolean checkOnly) {
    try (var spark = JobSession.open("flow matching: samples");
        var run = SampleRun.open(spark, settings.sample())) {
      if (!checkOnly) {
        run.complete();
      }
    }
  }
}
