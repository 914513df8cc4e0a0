package flowmatching.work.train;

import flowmatching.base.settings.ImageShape;
import flowmatching.flow.Minibatch;
import flowmatching.flow.Permutation;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import scala.Tuple2;

/**
 * The minibatches of an epoch: all images in an order of its own, cut into steps of the global
 * batch, and each step cut among the replicas. Images that do not fill the last step are left out;
 * in another epoch they are others.
 *
 * <p>An image's place follows from (seed, epoch, id) alone, so that the minibatches are the same
 * however the data is partitioned and however often a partition is computed.
 *
 * @param count images in all
 * @param batchSize of a step of all replicas together
 */
record EpochMinibatches(ImageShape shape, long count, int batchSize, long seed, int epoch)
    implements Serializable {

  int steps() {
    return Math.toIntExact(count / batchSize);
  }

  /**
   * The minibatches of some of the epoch's steps: a partition a replica, and in it a step after the
   * other.
   *
   * @param from the first step
   * @param to the step after the last
   */
  JavaRDD<Minibatch> of(Dataset<Row> images, int replicas, int from, int to) {
    Permutation order = new Permutation(seed, epoch, count);
    long first = (long) from * batchSize;
    long end = (long) to * batchSize;
    MinibatchMaker maker = MinibatchMaker.training(shape, seed, epoch);
    int perReplica = batchSize / replicas;
    return images
        .javaRDD()
        .mapToPair(
            row -> {
              Example example = Example.of(row);
              return new Tuple2<>(order.position(example.id()), example);
            })
        .filter(placed -> placed._1() >= first && placed._1() < end)
        .repartitionAndSortWithinPartitions(new ByReplica(batchSize, replicas))
        .mapPartitions(placed -> new Batches(placed, perReplica, maker), true);
  }

  /** Cuts each step's batch into a run of places for each replica. */
  private static final class ByReplica extends Partitioner {
    private final int batchSize;
    private final int replicas;

    ByReplica(int batchSize, int replicas) {
      this.batchSize = batchSize;
      this.replicas = replicas;
    }

    @Override
    public int numPartitions() {
      return replicas;
    }

    @Override
    public int getPartition(Object place) {
      long placeInBatch = (long) place % batchSize;
      return (int) (placeInBatch * replicas / batchSize);
    }
  }

  /** Makes each minibatch when it is asked for. */
  private static final class Batches implements Iterator<Minibatch> {
    private final Iterator<Tuple2<Long, Example>> examples;
    private final int size;
    private final MinibatchMaker maker;

    Batches(Iterator<Tuple2<Long, Example>> examples, int size, MinibatchMaker maker) {
      this.examples = examples;
      this.size = size;
      this.maker = maker;
    }

    @Override
    public boolean hasNext() {
      return examples.hasNext();
    }

    @Override
    public Minibatch next() {
      List<Example> batch = new ArrayList<>(size);
      while (batch.size() < size) {
        batch.add(examples.next()._2());
      }
      return maker.minibatch(batch);
    }
  }
}
