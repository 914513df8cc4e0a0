package flowmatching.sample;

import flowmatching.backend.NumericIdentity;
import flowmatching.image.Png;
import flowmatching.model.Model;
import flowmatching.settings.ModelSettings;
import flowmatching.settings.SampleSettings;
import flowmatching.settings.SampleSettings.Format;
import flowmatching.storage.Folder;
import flowmatching.storage.Sha256;
import java.util.ArrayList;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;

/**
 * What a Spark task does with the number of a range: it makes the range's Parquet object, and PNG
 * files where asked, or finds that an earlier run has made the object. The object is written last,
 * so that where it is, the whole range is done.
 */
final class RangeTask implements MapFunction<Long, SampledObject> {
  private final SampleSettings run;
  private final Folder folder;
  private final NumericIdentity numeric;
  private final ModelSettings modelSettings;
  private final String modelDigest;
  private final Broadcast<byte[]> weights;
  private final LongAccumulator imagesMade;

  /**
   * @param weights of the model; a broadcast, which each executor fetches once
   * @param imagesMade counts for the progress
   */
  RangeTask(
      SampleSettings run,
      Folder folder,
      NumericIdentity numeric,
      Model model,
      Broadcast<byte[]> weights,
      LongAccumulator imagesMade) {
    this.run = run;
    this.folder = folder;
    this.numeric = numeric;
    this.modelSettings = model.settings();
    this.modelDigest = model.digest();
    this.weights = weights;
    this.imagesMade = imagesMade;
  }

  @Override
  public SampledObject call(Long number) {
    var range = IdRange.of(number, run);
    var name = range.objectName();
    var bytes = folder.exists(name) ? folder.read(name, Integer.MAX_VALUE - 8) : make(range);
    return new SampledObject(name, range.size(), bytes.length, Sha256.of(bytes));
  }

  private byte[] make(IdRange range) {
    numeric.adopt();
    var samples = new ArrayList<EncodedSample>(range.size());
    var model = new Model(modelSettings, weights.value(), modelDigest);
    try (var sampler = new Sampler(model, run)) {
      for (long id = range.first(); id <= range.last(); ) {
        int group = (int) Math.min(run.batchSize(), range.last() - id + 1);
        for (var image : sampler.images(id, group)) {
          samples.add(new EncodedSample(id++, run.seed(), Png.encode(image)));
        }
        imagesMade.add(group);
      }
    }
    if (run.formats().contains(Format.PNG)) {
      samples.forEach(sample -> folder.write("png/" + sample.id() + ".png", sample.png()));
    }
    var object = SampleParquet.of(samples);
    folder.write(range.objectName(), object);
    return object;
  }
}
