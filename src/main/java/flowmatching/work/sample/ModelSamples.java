package flowmatching.work.sample;

import flowmatching.base.settings.SampleSettings;
import flowmatching.means.cluster.ComputeTask;
import flowmatching.means.model.Model;
import flowmatching.network.backend.NumericIdentity;
import java.util.Iterator;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/** A network's images, made where they are looked at and written nowhere. */
public final class ModelSamples implements AutoCloseable {
  /** Groups of ids are as good as equal; several per core balance what is left. */
  private static final long PARTITIONS_A_CORE = 4;

  private final JavaSparkContext spark;
  private final SampleSettings settings;
  private final NumericIdentity numerics;
  private final Samplers samplers;
  private final Broadcast<Samplers> broadcast;

  /**
   * The images of a model.
   *
   * @param numerics that every task adopts
   */
  public ModelSamples(
      JavaSparkContext spark, Model model, SampleSettings settings, NumericIdentity numerics) {
    this.spark = spark;
    this.settings = settings;
    this.numerics = numerics;
    this.samplers = new Samplers(model, settings);
    this.broadcast = spark.broadcast(samplers);
  }

  /**
   * Those of {@code sample.count} ids from {@code sample.first-id}, made anew each time. The bytes
   * are those of SampleJob, where the last group is whole there as well.
   */
  public JavaRDD<SampledImage> images() {
    long groups = (settings.count() + settings.batchSize() - 1) / settings.batchSize();
    int partitions = (int) Math.min(groups, PARTITIONS_A_CORE * spark.defaultParallelism());
    long first = settings.firstId();
    long end = settings.endId();
    int size = settings.batchSize();
    NumericIdentity numericsOfRun = numerics;
    Broadcast<Samplers> all = broadcast;
    return spark
        .parallelize(LongStream.range(0, groups).boxed().toList(), partitions)
        .flatMap(group -> group(all.value(), numericsOfRun, first + group * size, size))
        .filter(image -> image.id() < end);
  }

  private static Iterator<SampledImage> group(
      Samplers samplers, NumericIdentity numerics, long first, int size) {
    List<SampledImage> images =
        ComputeTask.run(numerics, () -> samplers.with(sampler -> sampler.images(first, size)));
    return images.iterator();
  }

  /** Frees the networks; the images cannot be made any more. */
  @Override
  public void close() {
    broadcast.destroy();
    samplers.close();
  }
}
