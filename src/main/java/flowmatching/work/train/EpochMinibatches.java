package flowmatching.work.train;

import flowmatching.base.settings.ImageShape;
import flowmatching.flow.Minibatch;
import flowmatching.flow.Permutation;
import flowmatching.means.data.LabelledImage;
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
 * The minibatches of an epoch: the shuffled images, cut into steps of the global batch, and each
 * step cut among the replicas. Images that do not fill a last step are left out; they differ from
 * epoch to epoch.
 *
 * <p>An image's position depends on (seed, epoch, id) alone, so that the minibatches do not depend
 * on the partitioning of the data or on recomputed partitions.
 *
 * @param batchSize images per step of all replicas together
 * @param epoch from 0
 */
record EpochMinibatches(ImageShape shape, long count, int batchSize, long seed, int epoch)
    implements Serializable {

  int steps() {
    return Math.toIntExact(count / batchSize);
  }

  /**
   * The minibatches of the epoch's steps {@code from}, counted from 0, to before {@code to}: a
   * partition per replica, in the order of steps.
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
              LabelledImage image = LabelledImage.of(row);
              return new Tuple2<>(order.position(image.id()), image);
            })
        .filter(placed -> placed._1() >= first && placed._1() < end)
        .repartitionAndSortWithinPartitions(new ByReplica(batchSize, replicas))
        .mapPartitions(placed -> new Batches(placed, perReplica, maker), true);
  }

  /** Gives each replica consecutive positions of each step's batch. */
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
    public int getPartition(Object position) {
      return (int) ((long) position % batchSize * replicas / batchSize);
    }
  }

  /** Makes each minibatch on demand. */
  private record Batches(
      Iterator<Tuple2<Long, LabelledImage>> images, int size, MinibatchMaker maker)
      implements Iterator<Minibatch> {

    @Override
    public boolean hasNext() {
      return images.hasNext();
    }

    @Override
    public Minibatch next() {
      List<LabelledImage> batch = new ArrayList<>(size);
      while (batch.size() < size) {
        batch.add(images.next()._2());
      }
      return maker.minibatch(batch);
    }
  }
}
