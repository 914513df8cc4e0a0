package flowmatching.parameterserver;

import flowmatching.backend.NumericIdentity;
import flowmatching.failure.EnvironmentFailure;
import flowmatching.failure.RunFailure;
import flowmatching.unet.NetworkState;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
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
  private final JavaSparkContext spark;
  private final SharedTrainingMaster trainingMaster;
  private final SparkComputationGraph training;
  private final ReplicaLayout replicas;
  private final NumericIdentity numerics;

  /**
   * A server whose replicas are copies of a network.
   *
   * @param network gives the configuration; stays as it is
   * @param replicas as said there
   * @param numerics that every executor computes with
   * @param batchSize images a minibatch of one replica
   * @param threshold see {@link RelativeThreshold}
   * @throws EnvironmentFailure where the replicas' JVMs are not there, each with one slot
   */
  public ParameterServer(
      JavaSparkContext spark,
      ComputationGraph network,
      ReplicaLayout replicas,
      NumericIdentity numerics,
      int batchSize,
      double threshold) {
    this.spark = spark;
    this.replicas = replicas;
    this.numerics = numerics;
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
            .thresholdAlgorithm(new RelativeThreshold(threshold))
            .residualPostProcessor(null)
            .rddTrainingApproach(RDDTrainingApproach.Direct)
            .storageLevel(null)
            .repartitioner(new Unmoved())
            .build();
    checkJvms(numerics);
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
    NumericIdentity identity = numerics;
    try {
      training.fitMultiDataSet(
          new KnownCountRdd(
              minibatches.mapPartitions(
                  partition -> {
                    identity.adopt();
                    return new RoundIterator(partition, master, broadcast, sums, layout);
                  },
                  true),
              count));
      // DL4J only logs what fails on a training thread, and returns.
      checkCount(sums.minibatches().value(), count);
      StateSum sum = sum(master);
      NetworkState end = sum.mean(start.iteration() + Math.toIntExact(count / replicas.replicas()));
      checkChanged(start, end, count);
      return new Round(end, sums.lossSum().value() / sums.images().value(), sum.drift());
    } finally {
      broadcast.destroy();
    }
  }

  /** ND4J takes seconds to load: executors that have it meet the server at the same time. */
  private void checkJvms(NumericIdentity numerics) {
    long executors =
        onEachJvm()
            .map(
                jvm -> {
                  numerics.adopt();
                  return SparkEnv.get().executorId();
                })
            .distinct()
            .count();
    if (executors != replicas.jvms()) {
      throw new EnvironmentFailure(
          "%d executors are to train, and the tasks for them ran on %d: give each executor one task slot (spark.task.cpus = spark.executor.cores), and set train.workers to the number of executors."
              .formatted(replicas.jvms(), executors));
    }
  }

  private StateSum sum(int master) {
    StateSum sum =
        onEachJvm()
            .map(jvm -> StateSum.of(SparkEnv.get().executorId(), Replicas.of(master).networks()))
            .treeReduce(StateSum::plus);
    if (sum.executors().size() != replicas.jvms()) {
      throw new RunFailure(
          "The replicas of %d executors were to be collected, and those of %s were: an executor was lost or given two tasks. The same command resumes from the last checkpoint."
              .formatted(replicas.jvms(), sum.executors()));
    }
    return sum;
  }

  /** A task for each JVM with replicas, where each has one slot. */
  private JavaRDD<Integer> onEachJvm() {
    return spark.parallelize(IntStream.range(0, replicas.jvms()).boxed().toList(), replicas.jvms());
  }

  private static void checkCount(long trained, long count) {
    if (trained != count) {
      throw new RunFailure(
          "%d minibatches were to be trained on and %d were: a replica has failed or was lost. Its executor's log says why; the same command resumes from the last checkpoint."
              .formatted(count, trained));
    }
  }

  private static void checkChanged(NetworkState start, NetworkState end, long count) {
    if (Arrays.equals(start.parameters(), end.parameters())) {
      throw new RunFailure(
          "The parameters are the same after %d minibatches as before: the replicas' updates were not applied. The same command resumes from the last checkpoint."
              .formatted(count));
    }
  }

  /** Shuts the server's network down in this JVM. */
  @Override
  public void close() {
    shutDownTransport();
  }

  static void shutDownTransport() {
    if (ModelParameterServer.getInstance().isInitialized()) {
      ModelParameterServer.getInstance().shutdown();
    }
  }
}
