import flowmatching.base.settings.Job;
import flowmatching.base.settings.Settings;
import flowmatching.job.JobCommand;
import flowmatching.job.JobSession;
import flowmatching.work.sample.SampleRun;

/** Makes images with a trained network: {@code spark-submit --class SampleJob}. */
// Its name is a contract with those who submit it.
@SuppressWarnings("DefaultPackage")
public final class SampleJob {
  private SampleJob() {}

  public static void main(String[] args) {
    int exitCode =
        JobCommand.of(
                Job.SAMPLE,
                "SampleJob",
                "Makes images with a trained network, into files of a run date.",
                SampleJob::sample)
            .run(args);
    if (exitCode != 0) {
      System.exit(exitCode);
    }
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
