package flowmatching.tools;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.safetensors.SafeTensors;
import flowmatching.base.settings.Precision;
import flowmatching.base.settings.Settings;
import flowmatching.base.settings.Split;
import flowmatching.flow.ImageBatch;
import flowmatching.flow.Permutation;
import flowmatching.means.data.ImageSet;
import flowmatching.means.data.LabelledImage;
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
import flowmatching.work.evaluate.FashionClassifier;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Trains the classifier whose features EvaluateJob compares, in this process. */
public record ClassifierTraining(
    List<LabelledImage> train, List<LabelledImage> test, Folder output) {
  private static final Logger LOG = LoggerFactory.getLogger(ClassifierTraining.class);

  private static final int EPOCHS = 12;
  private static final int BATCH = 128;
  private static final long SEED = 1;

  /**
   * Makes all checks before the training.
   *
   * @throws DataFailure if the images of {@code data.path} are not Fashion-MNIST
   * @throws flowmatching.base.failure.EnvironmentFailure if {@code train.output} is not writable
   */
  public static ClassifierTraining open(SparkSession spark, Settings settings) {
    NumericIdentity.useBest(Precision.FLOAT32);
    var output = Folder.of(settings.train().output(), spark.sparkContext().hadoopConfiguration());
    output.checkWritable();
    return new ClassifierTraining(
        images(spark, settings, Split.TRAIN), images(spark, settings, Split.TEST), output);
  }

  /** Trains the classifier and writes its weights. */
  public void run() {
    try (ImageClassifier network = FashionClassifier.untrained()) {
      TensorLayout layout = network.layout();
      TrainingState state = TrainingState.initial(layout, network.initialParameters(SEED), false);
      float[] gradient = new float[layout.length()];
      network.assign(state.values(Slot.PARAMETERS));
      for (int epoch = 0; epoch < EPOCHS; epoch++) {
        Permutation order = new Permutation(SEED, epoch, train.size());
        Adam optimiser = new Adam(LearningRate.constant(rate(epoch)));
        double losses = 0;
        for (int from = 0; from + BATCH <= train.size(); from += BATCH) {
          List<LabelledImage> batch =
              IntStream.range(from, from + BATCH)
                  .mapToObj(i -> train.get(Math.toIntExact(order.position(i))))
                  .toList();
          int[] labels = batch.stream().mapToInt(LabelledImage::label).toArray();
          losses += network.gradient(input(batch), labels, gradient);
          state = optimiser.step(state, gradient, BATCH);
          network.assign(state.values(Slot.PARAMETERS));
        }
        LOG.info(
            "Epoch {}: loss {}, test accuracy {}", epoch, losses / train.size(), accuracy(network));
      }
      byte[] file =
          SafeTensors.write(
              LayoutTensors.of(layout, "", state.values(Slot.PARAMETERS)),
              Map.of(
                  "format",
                  "pt",
                  "test_accuracy",
                  String.format(Locale.ROOT, "%.4f", accuracy(network))));
      output.write(FashionClassifier.WEIGHTS, file);
      LOG.info("{}/{}: SHA-256 {}", output, FashionClassifier.WEIGHTS, DigestUtils.sha256Hex(file));
    }
  }

  /** The learning rate, which is halved after half of the epochs and small in the last two. */
  private static double rate(int epoch) {
    if (epoch >= EPOCHS - 2) {
      return 1e-4;
    }
    return epoch < EPOCHS / 2 ? 1e-3 : 5e-4;
  }

  private static List<LabelledImage> images(SparkSession spark, Settings settings, Split split) {
    ImageSet set = ImageSet.open(spark, settings.data().path(), split);
    if (!set.fashionMnist()) {
      throw new DataFailure(
          "The classifier learns Fashion-MNIST, but the images in %s are others: set data.path=/usr/share/datasets/fashion-mnist."
              .formatted(set.folder()));
    }
    return set.rows(spark, 1).collectAsList().stream().map(LabelledImage::of).toList();
  }

  private static ImageBatch input(List<LabelledImage> images) {
    return PixelScale.batch(
        FashionClassifier.IMAGE, images.stream().map(LabelledImage::pixels).toList());
  }

  /** The share of test images that it classifies correctly. */
  private double accuracy(ImageClassifier network) {
    int right = 0;
    for (int from = 0; from < test.size(); from += BATCH) {
      List<LabelledImage> batch = test.subList(from, Math.min(from + BATCH, test.size()));
      var predictions = network.predict(input(batch));
      for (int i = 0; i < batch.size(); i++) {
        if (predictions.get(i).predictedClass() == batch.get(i).label()) {
          right++;
        }
      }
    }
    return (double) right / test.size();
  }
}
