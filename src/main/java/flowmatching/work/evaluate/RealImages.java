package flowmatching.work.evaluate;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.settings.Split;
import flowmatching.means.data.ImageSet;
import java.util.OptionalInt;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.SparkSession;

/**
 * The images of a split of the data set.
 *
 * @param set checked from end to end
 */
record RealImages(SparkSession spark, ImageSet set) {

  /**
   * Finds and checks them.
   *
   * @throws DataFailure where they are missing, broken, or not what the extractor takes
   */
  static RealImages open(SparkSession spark, String folder, Split split, ExtractorFacts extractor) {
    var set = ImageSet.open(spark, folder, split, OptionalInt.empty());
    set.demand(
        extractor.image(),
        extractor.name() + " takes",
        "give data.path the images that it was made for, or another evaluate.extractor");
    if (set.count() < 2) {
      throw new DataFailure(
          "The %s images in %s are fewer than two, and a distance needs that many: give data.path a whole data set."
              .formatted(split, set.folder()));
    }
    return new RealImages(spark, set);
  }

  /** Those of the lowest ids, at most so many. */
  RealImages lowest(long images) {
    return new RealImages(
        spark,
        new ImageSet(
            set.folder(),
            set.split(),
            (int) Math.min(images, set.count()),
            set.channels(),
            set.height(),
            set.width(),
            set.imagesSha256(),
            set.labelsSha256(),
            set.fashionMnist()));
  }

  /** The data set's name, or its folder. */
  String name() {
    return set.name();
  }

  int count() {
    return set.count();
  }

  JavaRDD<IndexedImage> images() {
    return set.rows(spark, spark.sparkContext().defaultParallelism())
        .javaRDD()
        .map(row -> new IndexedImage(row.getAs("id"), row.getAs("pixels"), 0));
  }
}
