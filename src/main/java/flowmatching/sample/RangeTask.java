package flowmatching.sample;

import flowmatching.backend.NumericIdentity;
import flowmatching.parallel.Devices;
import flowmatching.settings.SampleSettings;
import flowmatching.settings.SampleSettings.Format;
import flowmatching.storage.Folder;
import flowmatching.storage.Sha256;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;

/**
 * What a Spark task does with the number of a range: it makes the range's Parquet object, and PNG
 * files and a tar shard where asked, or finds that an earlier run has made the object. The object
 * is written last, so that where it is, the whole range is done.
 */
final class RangeTask implements Function<Long, SampledObject> {
  private final SampleSettings run;
  private final Folder folder;
  private final NumericIdentity numeric;
  private final Broadcast<Samplers> samplers;
  private final LongAccumulator imagesMade;

  /**
   * A task of a run.
   *
   * @param samplers a broadcast, which each executor fetches once
   * @param imagesMade counts for the progress
   */
  RangeTask(
      SampleSettings run,
      Folder folder,
      NumericIdentity numeric,
      Broadcast<Samplers> samplers,
      LongAccumulator imagesMade) {
    this.run = run;
    this.folder = folder;
    this.numeric = numeric;
    this.samplers = samplers;
    this.imagesMade = imagesMade;
  }

  @Override
  public SampledObject call(Long number) {
    var range = IdRange.of(number, run);
    return folder.exists(range.objectName()) ? found(range) : make(range);
  }

  private SampledObject found(IdRange range) {
    var name = range.objectName();
    var bytes = folder.read(name, SampleRun.MAX_OBJECT_BYTES);
    return object(range, SampleParquet.read(bytes, folder + "/" + name), bytes);
  }

  private static SampledObject object(IdRange range, List<EncodedSample> samples, byte[] bytes) {
    return new SampledObject(
        range.objectName(),
        range.size(),
        samples.stream().mapToLong(EncodedSample::evaluations).sum(),
        bytes.length,
        Sha256.of(bytes));
  }

  private SampledObject make(IdRange range) {
    numeric.adopt(Devices.ofTask());
    var samples = samplers.value().with(sampler -> samples(sampler, range));
    if (run.formats().contains(Format.PNG)) {
      folder.writeAll(
          samples.stream()
              .collect(
                  Collectors.toMap(sample -> "png/" + sample.id() + ".png", EncodedSample::png)));
    }
    if (run.formats().contains(Format.TAR)) {
      folder.write(range.shardName(), SampleTar.of(samples));
    }
    var bytes = SampleParquet.of(samples);
    // Where a rival was faster, its object stays.
    return folder.createIfAbsent(range.objectName(), bytes)
        ? object(range, samples, bytes)
        : found(range);
  }

  private List<EncodedSample> samples(Sampler sampler, IdRange range) {
    var samples = new ArrayList<EncodedSample>(range.size());
    for (long id = range.first(); id <= range.last(); ) {
      int group = (int) Math.min(run.batchSize(), range.last() - id + 1);
      samples.addAll(sampler.samples(id, group));
      id += group;
      imagesMade.add(group);
    }
    return samples;
  }
}
