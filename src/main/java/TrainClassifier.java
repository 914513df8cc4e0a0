import flowmatching.base.settings.Job;
import flowmatching.base.settings.Settings;
import flowmatching.job.JobCommand;
import flowmatching.job.JobSession;
import flowmatching.tools.ClassifierTraining;

/** {@code submit/train-classifier.sh}: trains the feature extractor of EvaluateJob. */
// Named like the jobs.
@SuppressWarnings("DefaultPackage")
public final class TrainClassifier {
  private TrainClassifier() {}

  public static void main(String[] args) {
    new JobCommand(
            Job.TRAIN,
            "TrainClassifier",
            "Trains the classifier of Fashion-MNIST in this process.",
            TrainClassifier::train)
        .run(System::exit, args);
  }

  private static void train(Settings settings, boolean checkOnly) {
    try (var spark = JobSession.open("flow matching: classifier")) {
      var training = ClassifierTraining.open(spark, settings);
      if (!checkOnly) {
        training.run();
      }
    }
  }
}
