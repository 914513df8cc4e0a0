package flowmatching.work.train;

import flowmatching.base.settings.DataSettings;
import flowmatching.base.settings.Settings;
import flowmatching.base.settings.Split;
import flowmatching.base.settings.TrainSettings;
import flowmatching.means.data.ImageSet;
import flowmatching.means.preflight.Preflight;
import flowmatching.means.storage.Folder;
import flowmatching.network.backend.NumericIdentity;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * What all parts of a run share.
 *
 * @param replicas that the check before the run has approved
 * @param numerics that every task adopts
 */
record RunContext(
    SparkSession spark,
    Settings settings,
    Folder output,
    int replicas,
    NumericIdentity numerics,
    ImageSet images,
    ImageSet validationImages) {
  static final String MODEL = "model";

  /** Checks the cluster, sets ND4J up, and opens the data. */
  static RunContext open(SparkSession spark, Settings settings) {
    Folder output =
        Folder.of(settings.train().output(), spark.sparkContext().hadoopConfiguration());
    int replicas = ReplicaPlan.await(spark.sparkContext(), settings.train());
    NumericIdentity numerics =
        Preflight.check(
            JavaSparkContext.fromSparkContext(spark.sparkContext()), settings, replicas);
    DataSettings data = settings.data();
    ImageSet images = ImageSet.open(spark, data.path(), data.split()).lowest(data.limit());
    ImageSet validationImages =
        ImageSet.open(spark, data.path(), Split.TEST).lowest(settings.train().validationLimit());
    validationImages.demand(
        images.shape(),
        "the %s images are".formatted(images.split()),
        "a run trains on one split and validates on the other, so write the files of both with images of one shape");
    images.demand(
        settings.model().image(), "model.image is", "set model.image to what the images are");
    return new RunContext(spark, settings, output, replicas, numerics, images, validationImages);
  }

  JavaSparkContext context() {
    return JavaSparkContext.fromSparkContext(spark.sparkContext());
  }

  TrainSettings train() {
    return settings.train();
  }

  /** Whether the run keeps averaged weights. */
  boolean averages() {
    return train().emaDecay() > 0;
  }

  Folder modelFolder() {
    return output.child(MODEL);
  }

  int stepsPerEpoch() {
    return images.count() / train().batchSize();
  }
}
