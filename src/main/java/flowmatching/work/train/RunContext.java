package flowmatching.work.train;

import flowmatching.base.settings.Settings;
import flowmatching.base.settings.Split;
import flowmatching.base.settings.TrainSettings;
import flowmatching.means.data.ImageSet;
import flowmatching.means.preflight.Preflight;
import flowmatching.means.storage.Folder;
import flowmatching.network.backend.NumericIdentity;
import java.util.OptionalInt;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * What all parts of a run share.
 *
 * @param replicas that the check before the run has approved
 * @param numerics that every task adopts
 * @param images to train on
 */
record RunContext(
    SparkSession spark,
    Settings settings,
    Folder output,
    int replicas,
    NumericIdentity numerics,
    ImageSet images,
    ImageSet validationImages) {

  /**
   * Checks the cluster, sets ND4J up, and opens the data.
   *
   * @throws flowmatching.base.failure.Failure if the cluster or the data cannot be used
   */
  static RunContext open(SparkSession spark, Settings settings) {
    Folder output =
        Folder.of(settings.train().output(), spark.sparkContext().hadoopConfiguration());
    int replicas = ReplicaPlan.await(spark.sparkContext(), settings.train());
    NumericIdentity numerics =
        new Preflight(JavaSparkContext.fromSparkContext(spark.sparkContext()))
            .check(settings, replicas);
    ImageSet images = images(spark, settings, settings.data().split(), settings.data().limit());
    ImageSet validationImages =
        images(spark, settings, Split.TEST, settings.train().validation().limit());
    validationImages.demand(
        images.shape(),
        "the %s images are".formatted(images.split()),
        "a run trains on one split and validates on the other, so write the files of both with images of one shape");
    images.demand(
        settings.model().image(), "model.image is", "set model.image to what the images are");
    return new RunContext(spark, settings, output, replicas, numerics, images, validationImages);
  }

  private static ImageSet images(SparkSession spark, Settings settings, Split split, long limit) {
    OptionalInt most =
        limit > Integer.MAX_VALUE ? OptionalInt.empty() : OptionalInt.of((int) limit);
    return ImageSet.open(spark, settings.data().path(), split, most);
  }

  TrainSettings train() {
    return settings.train();
  }

  int stepsPerEpoch() {
    return images.count() / train().batchSize();
  }
}
