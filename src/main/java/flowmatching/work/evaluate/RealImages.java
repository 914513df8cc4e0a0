package flowmatching.work.evaluate;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.Split;
import flowmatching.means.data.ImageSet;
import flowmatching.means.image.Image;
import flowmatching.means.run.ExtractorFacts;
import flowmatching.work.sample.IndexedImage;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.SparkSession;

/** The images of a split of the data set. */
record RealImages(SparkSession spark, ImageSet set) {

  /**
   * Finds, reads and checks the images.
   *
   * @throws DataFailure if they are missing or damaged, fewer than two, or of another shape than
   *     the extractor takes
   */
  static RealImages open(SparkSession spark, String folder, Split split, ExtractorFacts extractor) {
    var set = ImageSet.open(spark, folder, split);
    set.demand(
        extractor.image(),
        extractor.name() + " takes",
        "set data.path to images that it was made for, or give another evaluate.extractor");
    if (set.count() < 2) {
      throw new DataFailure(
          "There are fewer than two %s images in %s, and a distance needs at least two: set data.path to a whole data set."
              .formatted(split, set.folder()));
    }
    return new RealImages(spark, set);
  }

  /** The images with the lowest ids. */
  RealImages lowest(long max) {
    return new RealImages(spark, set.lowest(max));
  }

  /** The data set's name, or its folder. */
  String name() {
    return set.name();
  }

  int count() {
    return set.count();
  }

  JavaRDD<IndexedImage> images() {
    ImageShape shape = set.shape();
    return set.rows(spark, spark.sparkContext().defaultParallelism())
        .javaRDD()
        .map(row -> new IndexedImage(row.getAs("id"), new Image(shape, row.getAs("pixels")), 0));
  }
}
