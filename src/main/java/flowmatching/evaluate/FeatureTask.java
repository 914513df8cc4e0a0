package flowmatching.evaluate;

import flowmatching.backend.NumericIdentity;
import flowmatching.evaluate.FeatureExtractor.Features;
import flowmatching.failure.DataFailure;
import flowmatching.parallel.Devices;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;

/** What a Spark task does with the images of a partition: their statistics. */
final class FeatureTask implements FlatMapFunction<Iterator<IndexedImage>, PartStatistics> {
  private static final int BATCH = 256;

  private final NumericIdentity numerics;
  private final String extractor;
  private final Bootstrap bootstrap;
  private final String set;

  /** The vectors of ids below this are kept, for what needs them one by one. */
  private final long kept;

  FeatureTask(
      NumericIdentity numerics, String extractor, Bootstrap bootstrap, String set, long kept) {
    this.numerics = numerics;
    this.extractor = extractor;
    this.bootstrap = bootstrap;
    this.set = set;
    this.kept = kept;
  }

  @Override
  public Iterator<PartStatistics> call(Iterator<IndexedImage> images) {
    numerics.adopt(Devices.ofTask());
    FeatureExtractor features = FeatureExtractors.named(extractor);
    PartStatistics part = PartStatistics.none(features, bootstrap);
    BlockSums block = new BlockSums(part.statistics(), features.features());
    while (images.hasNext()) {
      List<IndexedImage> batch = new ArrayList<>();
      while (images.hasNext() && batch.size() < BATCH) {
        batch.add(images.next());
      }
      List<Features> found = features.of(batch.stream().map(IndexedImage::pixels).toList());
      for (int i = 0; i < found.size(); i++) {
        long id = batch.get(i).id();
        float[] vector = checked(found.get(i).vector(), id);
        block.add(id, vector);
        part.statistics().count(found.get(i).predictedClass());
        if (id < kept) {
          part.vectors().put(id, vector);
        }
      }
    }
    block.end();
    return List.of(part).iterator();
  }

  private float[] checked(float[] vector, long id) {
    for (float value : vector) {
      if (!Float.isFinite(value)) {
        throw new DataFailure(
            "Image %d of %s has a feature that is %s, and such have no distance: see evaluate.extractor, and the image."
                .formatted(id, set, value));
      }
    }
    return vector;
  }
}
