package flowmatching.work.evaluate;

import flowmatching.work.sample.IndexedImage;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;

/** Compares sets of images with the test images. */
record Comparison(SetStatistics sets, PartStatistics test, FrechetDistance toTest) {

  static Comparison with(RealImages images, SetStatistics sets) {
    PartStatistics test = sets.of("the test images", images.images(), images.count(), 0);
    return new Comparison(sets, test, new FrechetDistance(test.statistics().gaussian()));
  }

  double distance(ImageStatistics set) {
    return toTest.of(set.gaussian());
  }

  double distance(String set, JavaRDD<IndexedImage> images, long count) {
    return distance(sets.of(set, images, count, 0).statistics());
  }

  /** The ends of the 95 % interval of the distance; empty if it is not known. */
  List<Double> interval(ImageStatistics set) {
    return Bootstrap.interval(set, toTest);
  }

  /** The share of samples that lie in the k-neighbourhoods of test images. */
  double precision(PartStatistics samples, int k) {
    return share(test, samples, k);
  }

  /** The share of test images that lie in the k-neighbourhoods of samples. */
  double recall(PartStatistics samples, int k) {
    return share(samples, test, k);
  }

  /** Uses the same number of vectors of both sets: the balls of a larger set are smaller. */
  private double share(PartStatistics set, PartStatistics others, int k) {
    List<float[]> centres = set.vectors().values();
    List<float[]> points = others.vectors().values();
    int count = Math.min(centres.size(), points.size());
    return Neighbourhoods.of(sets.spark(), first(count, centres), Math.min(k, count - 1))
        .share(sets.spark(), first(count, points));
  }

  private static float[][] first(int count, List<float[]> vectors) {
    return vectors.subList(0, count).toArray(float[][]::new);
  }
}
