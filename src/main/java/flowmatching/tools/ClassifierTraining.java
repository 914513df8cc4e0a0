package flowmatching.tools;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.format.Sha256;
import flowmatching.base.safetensors.SafeTensors;
import flowmatching.base.settings.Settings;
import flowmatching.base.settings.Split;
import flowmatching.flow.ImageBatch;
import flowmatching.flow.Permutation;
import flowmatching.means.data.ImageSet;
import flowmatching.means.image.PixelScale;
import flowmatching.means.model.LayoutTensors;
import flowmatching.means.storage.Folder;
import flowmatching.network.TensorLayout;
import flowmatching.network.backend.NumericIdentity;
import flowmatching.network.dl4j.ImageClassifier;
import flowmatching.network.optimiser.Adam;
import flowmatching.network.optimiser.LearningRate;
import flowmatching.network.optimiser.Slot;
import flowmatching.network.optimiser.TrainingState;
import flowmatching.work.evaluate.Classifier;
import flowmatching.work.evaluate.FashionClassifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Trains the classifier whose features images are compared by, in this process. */
public final class ClassifierTraining {
  private static final Logger LOG = LoggerFactory.getLogger(ClassifierTraining.class);

  private static final int EPOCHS = 12;
  private static final int BATCH = 128;
  private static final long SEED = 1;

  private final List<Row> train;
  private final List<Row> test;
  private final Folder output;

  private ClassifierTraining(List<Row> train, List<Row> test, Folder output) {
    this.train = train;
    this.test = test;
    this.output = output;
  }

  /**
   * Makes all checks that come before.
   *
   * @throws DataFailure where the images of {@code data.path} are not Fashion-MNIST
   * @throws flowmatching.base.failure.EnvironmentFailure where {@code train.output} cannot be
   *     written to
   */
  public static ClassifierTraining open(SparkSession spark, Settings settings) {
    NumericIdentity.useBest();
    var hadoop = spark.sparkContext().hadoopConfiguration();
    var output = Folder.of(settings.train().output(), hadoop);
    output.checkWritable();
    return new ClassifierTraining(
        rows(spark, settings, Split.TRAIN), rows(spark, settings, Split.TEST), output);
  }

  /** Trains it and writes its weights. */
  public void run() {
    try (Classifier classifier = Classifier.create()) {
      ImageClassifier network = classifier.network();
      TensorLayout layout = network.layout();
      TrainingState state = TrainingState.initial(layout, network.initialParameters(SEED), false);
      float[] gradient = new float[layout.length()];
      network.assign(state.values(Slot.PARAMETERS));
      for (int epoch = 0; epoch < EPOCHS; epoch++) {
        Permutation order = new Permutation(SEED, epoch, train.size());
        Adam optimiser = new Adam(LearningRate.constant(rate(epoch)));
        double losses = 0;
        for (int from = 0; from + BATCH <= train.size(); from += BATCH) {
          List<Row> batch = new ArrayList<>();
          for (int i = from; i < from + BATCH; i++) {
            batch.add(train.get(Math.toIntExact(order.position(i))));
          }
          losses += network.gradient(images(batch), labels(batch), gradient);
          state = optimiser.step(state, gradient, BATCH);
          network.assign(state.values(Slot.PARAMETERS));
        }
        LOG.info(
            "Epoch {}: loss {}, test accuracy {}",
            epoch,
            losses / train.size(),
            accuracy(classifier, test));
      }
      byte[] file =
          SafeTensors.write(
              LayoutTensors.of(layout, "", state.values(Slot.PARAMETERS)),
              Map.of(
                  "format",
                  "pt",
                  "test_accuracy",
                  String.format(Locale.ROOT, "%.4f", accuracy(classifier, test))));
      output.write(FashionClassifier.WEIGHTS, file);
      LOG.info("{}/{}: SHA-256 {}", output, FashionClassifier.WEIGHTS, Sha256.of(file));
    }
  }

  /** It halves when half of the epochs are over, and is small in the last two. */
  private static double rate(int epoch) {
    if (epoch >= EPOCHS - 2) {
      return 1e-4;
    }
    return epoch < EPOCHS / 2 ? 1e-3 : 5e-4;
  }

  private static List<Row> rows(SparkSession spark, Settings settings, Split split) {
    ImageSet set = ImageSet.open(spark, settings.data().path(), split, OptionalInt.empty());
    if (!set.fashionMnist()) {
      throw new DataFailure(
          "The classifier learns Fashion-MNIST, and the images in %s are others: give data.path=/usr/share/datasets/fashion-mnist."
              .formatted(set.folder()));
    }
    return set.rows(spark, 1).collectAsList();
  }

  private static ImageBatch images(List<Row> rows) {
    return PixelScale.batch(Classifier.IMAGE, pixels(rows));
  }

  private static List<byte[]> pixels(List<Row> rows) {
    return rows.stream().map(row -> row.<byte[]>getAs("pixels")).toList();
  }

  private static int[] labels(List<Row> rows) {
    return rows.stream().mapToInt(row -> row.<Integer>getAs("label")).toArray();
  }

  private static double accuracy(Classifier classifier, List<Row> rows) {
    int right = 0;
    for (int from = 0; from < rows.size(); from += BATCH) {
      List<Row> batch = rows.subList(from, Math.min(from + BATCH, rows.size()));
      var features = classifier.features(pixels(batch));
      for (int i = 0; i < batch.size(); i++) {
        if (features.get(i).predictedClass() == batch.get(i).<Integer>getAs("label")) {
          right++;
        }
      }
    }
    return (double) right / rows.size();
  }
}
