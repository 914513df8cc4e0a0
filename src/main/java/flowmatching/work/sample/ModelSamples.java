package flowmatching.work.sample;

import flowmatching.base.settings.SampleSettings;
import flowmatching.means.cluster.ComputeTask;
import flowmatching.means.model.Model;
import flowmatching.network.backend.NumericIdentity;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/** Samples of a network that are not stored. */
public final class ModelSamples implements AutoCloseable {
  private static final long PARTITIONS_PER_CORE = 4;

  private final JavaSparkContext spark;
  private final SampleSettings settings;
  private final NumericIdentity numerics;
  private final Samplers samplers;
  private final Broadcast<Samplers> broadcast;

  public ModelSamples(
      JavaSparkContext spark, Model model, SampleSettings settings, NumericIdentity numerics) {
    this.spark = spark;
    this.settings = settings;
    this.numerics = numerics;
    this.samplers = new Samplers(model, settings, numerics.precision());
    this.broadcast = spark.broadcast(samplers);
  }

  /**
   * The images of {@code sample.count} ids from {@code sample.first-id}, sampled again in each job.
   * They are those of SampleJob, except that SampleJob may make the last group smaller.
   */
  public JavaRDD<IndexedImage> images() {
    long groups = (settings.count() + settings.batchSize() - 1) / settings.batchSize();
    int partitions = (int) Math.min(groups, PARTITIONS_PER_CORE * spark.defaultParallelism());
    // Tasks cannot have this object.
    Broadcast<Samplers> all = broadcast;
    NumericIdentity numericsOfRun = numerics;
    int size = settings.batchSize();
    long firstId = settings.firstId();
    long endId = settings.endId();
    return spark
        .parallelize(LongStream.range(0, groups).boxed().toList(), partitions)
        .map(group -> firstId + group * size)
        .flatMap(
            first ->
                ComputeTask.run(
                    numericsOfRun,
                    () -> all.value().with(sampler -> sampler.images(first, size)).iterator()))
        .filter(image -> image.id() < endId);
  }

  /** Frees the networks: {@link #images} cannot be used any more. */
  @Override
  public void close() {
    broadcast.destroy();
    samplers.close();
  }
}
