import flowmatching.base.settings.Job;
import flowmatching.base.settings.Settings;
import flowmatching.job.JobCommand;
import flowmatching.job.JobSession;
import flowmatching.means.preflight.SparkOptions;
import flowmatching.work.train.TrainingRun;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** {@code spark-submit --class TrainJob}: trains a network or resumes an interrupted run. */
// Users submit it by this name.
@SuppressWarnings("DefaultPackage")
public final class TrainJob {
  private TrainJob() {}

  public static void main(String[] args) {
    new JobCommand(Job.TRAIN, "TrainJob", "Trains a network by flow matching.", TrainJob::run)
        .run(System::exit, args);
  }

  private static void run(Settings settings, boolean checkOnly) {
    new SparkOptions(new SparkConf()).check(settings.train());
    try (SparkSession spark = JobSession.open("flow matching: training");
        TrainingRun run = TrainingRun.prepare(spark, settings)) {
      if (!checkOnly) {
        run.train();
      }
    }
  }
}
