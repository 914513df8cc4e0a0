package flowmatching.evaluate;

import flowmatching.backend.NumericIdentity;
import flowmatching.data.ImageSet;
import flowmatching.failure.DataFailure;
import flowmatching.flow.Permutation;
import flowmatching.settings.Settings;
import flowmatching.settings.Split;
import flowmatching.storage.Folder;
import flowmatching.storage.Sha256;
import flowmatching.unet.PyTorchAdam;
import flowmatching.unet.SafeTensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
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
   * @throws flowmatching.failure.EnvironmentFailure where {@code train.output} cannot be written to
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
    Classifier classifier = Classifier.create(new PyTorchAdam(rates()), SEED);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
      var order = new Permutation(SEED, epoch, train.size());
      for (int from = 0; from + BATCH <= train.size(); from += BATCH) {
        List<Row> batch = new ArrayList<>();
        for (int i = from; i < from + BATCH; i++) {
          batch.add(train.get(Math.toIntExact(order.position(i))));
        }
        try (INDArray images = images(batch);
            INDArray labels = labels(batch)) {
          classifier.network().fit(new DataSet(images, labels));
        }
      }
      classifier.network().incrementEpochCount();
      LOG.info(
          "Epoch {}: loss {}, test accuracy {}",
          epoch,
          classifier.network().score(),
          accuracy(classifier, test));
    }
    byte[] file =
        SafeTensors.write(
            classifier.weights(),
            Map.of(
                "format",
                "pt",
                "test_accuracy",
                String.format(Locale.ROOT, "%.4f", accuracy(classifier, test))));
    output.write(FashionClassifier.WEIGHTS, file);
    LOG.info("{}/{}: SHA-256 {}", output, FashionClassifier.WEIGHTS, Sha256.of(file));
  }

  /** By epoch: it halves when half of them are over, and again later. */
  private static MapSchedule rates() {
    return new MapSchedule.Builder(ScheduleType.EPOCH)
        .add(0, 1e-3)
        .add(EPOCHS / 2, 5e-4)
        .add(EPOCHS - 2, 1e-4)
        .build();
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

  private static INDArray images(List<Row> rows) {
    return Classifier.input(rows.stream().map(row -> row.<byte[]>getAs("pixels")).toList());
  }

  private static INDArray labels(List<Row> rows) {
    INDArray labels = Nd4j.zeros(rows.size(), Classifier.CLASSES);
    for (int i = 0; i < rows.size(); i++) {
      labels.putScalar(i, rows.get(i).<Integer>getAs("label"), 1);
    }
    return labels;
  }

  private static double accuracy(Classifier classifier, List<Row> rows) {
    int right = 0;
    for (int from = 0; from < rows.size(); from += BATCH) {
      List<Row> batch = rows.subList(from, Math.min(from + BATCH, rows.size()));
      var features =
          classifier.features(batch.stream().map(row -> row.<byte[]>getAs("pixels")).toList());
      for (int i = 0; i < batch.size(); i++) {
        if (features.get(i).predictedClass() == batch.get(i).<Integer>getAs("label")) {
          right++;
        }
      }
    }
    return (double) right / rows.size();
  }
}
