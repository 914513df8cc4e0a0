package flowmatching.parameterserver;

import org.apache.spark.api.java.JavaRDD;
import org.deeplearning4j.spark.api.Repartitioner;

/** Leaves partitions as they are: each holds what its replicas are to train on. */
final class Unmoved implements Repartitioner {
  @Override
  public <T> JavaRDD<T> repartition(JavaRDD<T> data, int minObjectsPerPartition, int numExecutors) {
    return data;
  }
}
