package flowmatching.work.evaluate;

import flowmatching.base.failure.DataFailure;
import flowmatching.means.cluster.ImageProgress;
import flowmatching.means.run.ExtractorFacts;
import flowmatching.network.backend.NumericIdentity;
import flowmatching.work.sample.IndexedImage;
import java.util.OptionalLong;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Computes the statistics of sets of images on the executors.
 *
 * @param numerics of the driver, which all executors use
 * @param maxImages {@code evaluate.count}, for the message
 */
record SetStatistics(
    JavaSparkContext spark, NumericIdentity numerics, ExtractorFacts extractor, int maxImages) {
  private static final Logger LOG = LoggerFactory.getLogger(SetStatistics.class);

  private static final long BOOTSTRAP_SEED = 1;

  /**
   * The statistics of a set.
   *
   * @param set its name, for messages
   * @param expected number of images, for the progress
   * @throws DataFailure if there are fewer than two images
   */
  PartStatistics of(String set, JavaRDD<IndexedImage> images, long expected, int replicates) {
    LOG.info("Computing features of {}", set);
    Bootstrap bootstrap = new Bootstrap(replicates, BOOTSTRAP_SEED);
    PartStatistics all =
        new ImageProgress(OptionalLong.of(expected))
            .during(
                spark.sc(),
                done ->
                    OrderedMerge.of(
                        images.mapPartitions(
                            new FeatureTask(numerics, extractor, bootstrap, set, done)),
                        PartStatistics::merge));
    if (all.statistics().images() < 2) {
      throw new DataFailure(
          "Images found: %d, among the first %d ids (evaluate.count) of %s, and a distance needs at least two: make more with SampleJob."
              .formatted(all.statistics().images(), maxImages, set));
    }
    return all;
  }
}
