package flowmatching.work.evaluate;

import flowmatching.work.sample.IndexedImage;
import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/** Finds for each of a few images the nearest one, pixel by pixel, of a large set. */
final class NearestImages {
  private NearestImages() {}

  /** An image of the large set; the distance is the root mean square over pixels of 0 to 255. */
  record Nearest(IndexedImage image, double distance) implements Serializable {
    Nearest nearer(Nearest other) {
      // Of two equally near ones the lower id, so that the order of merging does not matter.
      return distance < other.distance
              || (distance == other.distance && image.id() < other.image.id())
          ? this
          : other;
    }
  }

  /** The nearest to each of the images, in their order. */
  static List<Nearest> of(
      JavaSparkContext spark, List<IndexedImage> images, JavaRDD<IndexedImage> set) {
    Broadcast<List<byte[]>> wanted =
        spark.broadcast(images.stream().map(image -> image.image().pixels()).toList());
    try {
      return set.map(candidate -> nearest(wanted.value(), candidate)).reduce(NearestImages::nearer);
    } finally {
      wanted.destroy();
    }
  }

  private static List<Nearest> nearest(List<byte[]> images, IndexedImage candidate) {
    byte[] pixels = candidate.image().pixels();
    return images.stream().map(image -> new Nearest(candidate, distance(image, pixels))).toList();
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
