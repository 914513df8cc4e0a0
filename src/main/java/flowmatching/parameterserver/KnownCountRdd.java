package flowmatching.parameterserver;

import org.apache.spark.api.java.JavaRDD;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** An RDD whose count is known: DL4J counts before it trains, which would make all data twice. */
final class KnownCountRdd extends JavaRDD<MultiDataSet> {
  private final long count;

  KnownCountRdd(JavaRDD<MultiDataSet> minibatches, long count) {
    super(minibatches.rdd(), minibatches.classTag());
    this.count = count;
  }

  @Override
  public long count() {
    return count;
  }
}
