package flowmatching.work.sample;

import flowmatching.base.settings.SampleSettings;
import flowmatching.base.settings.SampleSettings.Format;
import flowmatching.means.cluster.ComputeTask;
import flowmatching.means.storage.Folder;
import flowmatching.network.backend.NumericIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;

/**
 * A Spark task that makes the files of a range, given by its number, unless an earlier run has made
 * them. The {@link RangeObject} is written last, so the range is done if it is there.
 *
 * @param torn numbers of ranges to make although their {@link RangeObject} is there
 * @param imagesMade for the progress
 */
record RangeTask(
    SampleSettings run,
    Folder folder,
    IdentityFile identity,
    NumericIdentity numeric,
    Broadcast<Samplers> samplers,
    Set<Long> torn,
    LongAccumulator imagesMade)
    implements Function<Long, RangeObject.Entry> {

  @Override
  public RangeObject.Entry call(Long number) {
    var range = IdRange.of(number, run);
    boolean found = !torn.contains(number) && folder.exists(last().name(range));
    return found ? found(range) : ComputeTask.run(numeric, () -> make(range));
  }

  private RangeObject last() {
    return RangeObject.among(run.formats());
  }

  private RangeObject.Entry found(IdRange range) {
    var name = last().name(range);
    var bytes = RangeObject.read(folder, name);
    var contents = last().contents(bytes, folder + "/" + name, range, identity);
    return object(
        range, contents.stream().mapToLong(RangeObject.Content::evaluations).sum(), bytes);
  }

  private RangeObject.Entry object(IdRange range, long evaluations, byte[] bytes) {
    return new RangeObject.Entry(
        last().name(range), range.size(), evaluations, bytes.length, DigestUtils.sha256Hex(bytes));
  }

  private RangeObject.Entry make(IdRange range) {
    var samples = samplers.value().with(sampler -> samples(sampler, range));
    if (run.formats().contains(Format.PNG)) {
      folder.writeAll(
          samples.stream()
              .collect(
                  Collectors.toMap(sample -> ImageNames.ofFile(sample.id()), EncodedSample::png)));
    }
    if (RangeObject.isTarBefore(run.formats())) {
      folder.write(RangeObject.TAR.name(range), RangeObject.TAR.of(samples));
    }
    var bytes = last().of(samples);
    // If another copy of the task was faster, its object stays.
    return folder.createIfAbsent(last().name(range), bytes)
        ? object(range, samples.stream().mapToLong(EncodedSample::evaluations).sum(), bytes)
        : found(range);
  }

  private List<EncodedSample> samples(Sampler sampler, IdRange range) {
    var samples = new ArrayList<EncodedSample>(range.size());
    var origin = new Origin(run.seed(), identity.runSha256());
    for (long id = range.first(); id <= range.last(); ) {
      int group = (int) Math.min(run.batchSize(), range.last() - id + 1);
      for (var image : sampler.images(id, group)) {
        samples.add(EncodedSample.of(image, origin));
      }
      id += group;
      imagesMade.add(group);
    }
    return samples;
  }
}
