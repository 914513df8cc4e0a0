package flowmatching.parameterserver;

import flowmatching.failure.RunFailure;
import flowmatching.unet.NetworkState;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.parameterserver.training.SharedTrainingMaster;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.parameterserver.distributed.conf.VoidConfiguration;
import org.nd4j.parameterserver.distributed.v2.ModelParameterServer;

/**
 * Trains replicas of a network that share their updates through DL4J's parameter server.
 *
 * <p>One training master serves the whole run. Each round starts all replicas from the same state
 * and ends with the mean of their states; between the two, every replica's step reaches the others
 * as it is made, in thresholds.
 */
public final class ParameterServer implements AutoCloseable {
  /** See {@link RelativeThreshold}. */
  private static final double THRESHOLD_FACTOR = 0.9;

  private final JavaSparkContext spark;
  private final SharedTrainingMaster trainingMaster;
  private final SparkComputationGraph training;
  private final ReplicaLayout replicas;

  /**
   * A server whose replicas are copies of a network.
   *
   * @param network gives the configuration; stays as it is
   * @param replicas as said there
   * @param batchSize images a minibatch of one replica
   */
  public ParameterServer(
      JavaSparkContext spark, ComputationGraph network, ReplicaLayout replicas, int batchSize) {
    this.spark = spark;
    this.replicas = replicas;
    DriverAddress address = DriverAddress.of(spark.getConf());
    VoidConfiguration transport =
        VoidConfiguration.builder()
            .portSupplier(Ports.free(address.ip()))
            .controllerAddress(address.ip())
            .networkMask(address.network())
            .build();
    this.trainingMaster =
        new SharedTrainingMaster.Builder(transport, batchSize)
            .batchSizePerWorker(batchSize)
            .workersPerNode(replicas.perJvm())
            .thresholdAlgorithm(new RelativeThreshold(THRESHOLD_FACTOR))
            .residualPostProcessor(null)
            .rddTrainingApproach(RDDTrainingApproach.Direct)
            .storageLevel(null)
            .repartitioner(new Unmoved())
            .build();
    // The server writes what it relays into its own copy, at any time.
    this.training = new SparkComputationGraph(spark, network.clone(), trainingMaster);
  }

  /**
   * Trains on the minibatches once.
   *
   * @param minibatches a partition a JVM with replicas, all of one length
   * @param count of them
   * @throws RunFailure where a minibatch was lost, or the replicas did not learn
   */
  public Round train(NetworkState start, JavaRDD<MultiDataSet> minibatches, long count) {
    Broadcast<NetworkState> broadcast = spark.broadcast(start);
    StepSums sums = StepSums.register(spark.sc());
    int master = trainingMaster.getInstanceId();
    ReplicaLayout layout = replicas;
    try {
      training.fitMultiDataSet(
          new KnownCountRdd(
              minibatches.mapPartitions(
                  partition -> new RoundIterator(partition, master, broadcast, sums, layout), true),
              count));
      NetworkState end =
          mean(master, start.iteration() + Math.toIntExact(count / replicas.replicas()));
      check(start, end, sums, count);
      return new Round(end, sums.lossSum().value() / sums.images().value());
    } finally {
      broadcast.destroy();
    }
  }

  /** The mean of all replicas' states. */
  private NetworkState mean(int master, int iteration) {
    List<Integer> jvmNumbers = IntStream.range(0, replicas.jvms()).boxed().toList();
    StateSum sum =
        spark
            .parallelize(jvmNumbers, replicas.jvms())
            .map(jvm -> StateSum.of(Replicas.of(master).networks()))
            .treeReduce(StateSum::plus);
    return sum.mean(iteration);
  }

  private static void check(NetworkState start, NetworkState end, StepSums sums, long count) {
    if (sums.minibatches().value() != count) {
      throw new RunFailure(
          "%d minibatches were to be trained on and %d were: a replica has failed or was lost. Its executor's log says why; the same command resumes from the last checkpoint."
              .formatted(count, sums.minibatches().value()));
    }
    if (Arrays.equals(start.parameters(), end.parameters())) {
      throw new RunFailure(
          "The parameters are the same after %d minibatches as before: the replicas' updates were not applied. The same command resumes from the last checkpoint."
              .formatted(count));
    }
  }

  /** Shuts the server's network down in this JVM. */
  @Override
  public void close() {
    if (ModelParameterServer.getInstance().isInitialized()) {
      ModelParameterServer.getInstance().shutdown();
    }
  }
}
