package flowmatching.work.evaluate;

import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/** For each of some images the one of a large set that is most like it, pixel by pixel. */
final class NearestImages {
  private NearestImages() {}

  /**
   * The nearest to an image.
   *
   * @param image of the large set
   * @param distance root of the mean square over all pixels, which are from 0 to 255
   */
  record Nearest(IndexedImage image, double distance) implements Serializable {
    Nearest nearer(Nearest other) {
      // Of two equally near the one of the lower id, wherever they were found.
      return distance < other.distance
              || (distance == other.distance && image.id() < other.image.id())
          ? this
          : other;
    }
  }

  /** The nearest to each, in their order. */
  static List<Nearest> of(
      JavaSparkContext spark, List<IndexedImage> images, JavaRDD<IndexedImage> set) {
    Broadcast<List<IndexedImage>> wanted = spark.broadcast(List.copyOf(images));
    try {
      return set.map(candidate -> nearest(wanted.value(), candidate)).reduce(NearestImages::nearer);
    } finally {
      wanted.destroy();
    }
  }

  private static List<Nearest> nearest(List<IndexedImage> images, IndexedImage candidate) {
    return images.stream()
        .map(image -> new Nearest(candidate, distance(image.pixels(), candidate.pixels())))
        .toList();
  }

  private static List<Nearest> nearer(List<Nearest> a, List<Nearest> b) {
    return IntStream.range(0, a.size()).mapToObj(i -> a.get(i).nearer(b.get(i))).toList();
  }

  private static double distance(byte[] a, byte[] b) {
    long sum = 0;
    for (int i = 0; i < a.length; i++) {
      int difference = Byte.toUnsignedInt(a[i]) - Byte.toUnsignedInt(b[i]);
      sum += (long) difference * difference;
    }
    return Math.sqrt((double) sum / a.length);
  }
}
