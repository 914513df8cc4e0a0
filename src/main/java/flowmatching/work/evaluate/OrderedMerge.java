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
 * Merges what tasks made in the order of their partitions. Spark's own {@code reduce} and {@code
 * treeReduce} merge in the order in which tasks end, so that sums of floating-point numbers would
 * differ in their last digits from run to run.
 */
final class OrderedMerge {
  private OrderedMerge() {}

  /**
   * All parts in one. Executors merge groups of neighbouring parts, as many groups as parts in one.
   * The groups are merged one after the other, each by a job of one task, so that the driver holds
   * two at a time: with 1000 replicates a group takes about 20 MB, and all groups of a large
   * cluster could exceed spark.driver.maxResultSize. Merging costs little; the parts are made in
   * parallel, and once, before the first group.
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
            .repartitionAndSortWithinPartitions(new Neighbours(partitions, groupSize))
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

  /** A merge that travels with tasks. */
  @FunctionalInterface
  interface SerializableMerge<T> extends BinaryOperator<T>, Serializable {}

  /** Sends so many consecutive partitions to one. */
  private static final class Neighbours extends Partitioner {
    private final int partitions;
    private final int groupSize;

    Neighbours(int partitions, int groupSize) {
      this.partitions = partitions;
      this.groupSize = groupSize;
    }

    @Override
    public int numPartitions() {
      return (partitions + groupSize - 1) / groupSize;
    }

    @Override
    public int getPartition(Object index) {
      return (Integer) index / groupSize;
    }
  }
}
