package flowmatching.work.evaluate;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * A ball around each vector of a set, whose radius is the distance to the k-th nearest neighbour in
 * the set. A vector in any of the balls looks like the set (Kynkäänniemi et al. 2019,
 * arXiv:1904.06991). All distances, and the radii, are squared.
 */
// Never compared.
@SuppressWarnings("ArrayRecordComponent")
record Neighbourhoods(float[][] vectors, double[] radii) implements Serializable {

  /** The balls of at least k + 1 vectors. */
  static Neighbourhoods of(JavaSparkContext spark, float[][] vectors, int k) {
    Broadcast<float[][]> all = spark.broadcast(vectors);
    try {
      List<Double> radii =
          indices(spark, vectors).map(i -> kthSmallest(all.value(), i, k)).collect();
      return new Neighbourhoods(vectors, radii.stream().mapToDouble(radius -> radius).toArray());
    } finally {
      all.destroy();
    }
  }

  private static JavaRDD<Integer> indices(JavaSparkContext spark, float[][] vectors) {
    return spark.parallelize(
        IntStream.range(0, vectors.length).boxed().toList(), spark.defaultParallelism());
  }

  private static double kthSmallest(float[][] vectors, int of, int k) {
    double[] distances = new double[vectors.length];
    for (int i = 0; i < vectors.length; i++) {
      distances[i] = i == of ? Double.POSITIVE_INFINITY : distance(vectors[of], vectors[i]);
    }
    Arrays.sort(distances);
    return distances[k - 1];
  }

  private static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double difference = a[i] - b[i];
      sum += difference * difference;
    }
    return sum;
  }

  /** The share of other vectors that lie in any ball. */
  double share(JavaSparkContext spark, float[][] others) {
    Broadcast<Neighbourhoods> balls = spark.broadcast(this);
    Broadcast<float[][]> vectors = spark.broadcast(others);
    try {
      long inside =
          indices(spark, others).filter(i -> balls.value().contains(vectors.value()[i])).count();
      return (double) inside / others.length;
    } finally {
      balls.destroy();
      vectors.destroy();
    }
  }

  private boolean contains(float[] vector) {
    for (int i = 0; i < vectors.length; i++) {
      if (distance(vector, vectors[i]) <= radii[i]) {
        return true;
      }
    }
    return false;
  }
}
