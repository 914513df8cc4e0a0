package flowmatching.work.evaluate;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.function.BinaryOperator;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/**
 * Merges the results of tasks in the order of their partitions. Spark's own methods merge in the
 * order in which tasks end, so the last digits of sums would differ between runs.
 */
final class OrderedMerge {
  private OrderedMerge() {}

  /**
   * Merges all parts. Executors merge groups of consecutive parts, about sqrt(n) groups of sqrt(n).
   * The driver fetches one group at a time, each by a job of one task: with 1000 replicates a group
   * takes about 20 MB, and all groups of a large cluster could exceed spark.driver.maxResultSize.
   * The parts are computed only once, in parallel, before the first group.
   *
   * @param parts one per partition
   * @param merge takes an earlier and a later part
   */
  static <T> T of(JavaRDD<T> parts, SerializableMerge<T> merge) {
    int partitions = parts.getNumPartitions();
    int groupSize = (int) Math.ceil(Math.sqrt(partitions));
    JavaRDD<Tuple2<Integer, T>> numbered =
        parts.mapPartitionsWithIndex(
            (index, part) -> List.of(new Tuple2<>(index, part.next())).iterator(), false);
    return merged(
        JavaPairRDD.fromJavaRDD(numbered)
            .repartitionAndSortWithinPartitions(consecutive(partitions, groupSize))
            .values()
            .mapPartitions(group -> List.of(merged(group, merge)).iterator())
            .toLocalIterator(),
        merge);
  }

  private static <T> T merged(Iterator<T> parts, BinaryOperator<T> merge) {
    T merged = parts.next();
    while (parts.hasNext()) {
      merged = merge.apply(merged, parts.next());
    }
    return merged;
  }

  @FunctionalInterface
  interface SerializableMerge<T> extends BinaryOperator<T>, Serializable {}

  private static Partitioner consecutive(int partitions, int groupSize) {
    return new Partitioner() {
      @Override
      public int numPartitions() {
        return (partitions + groupSize - 1) / groupSize;
      }

      @Override
      public int getPartition(Object index) {
        return (Integer) index / groupSize;
      }
    };
  }
}
