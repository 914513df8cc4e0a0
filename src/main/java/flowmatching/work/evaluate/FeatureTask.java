package flowmatching.work.evaluate;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.DataFailure;
import flowmatching.means.cluster.ComputeTask;
import flowmatching.means.run.ExtractorFacts;
import flowmatching.network.backend.NumericIdentity;
import flowmatching.work.evaluate.FeatureExtractor.Features;
import flowmatching.work.sample.IndexedImage;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.util.LongAccumulator;

/** A Spark task: the statistics of the images in a partition of a set. */
record FeatureTask(
    NumericIdentity numerics,
    ExtractorFacts extractor,
    Bootstrap bootstrap,
    String set,
    LongAccumulator imagesDone)
    implements FlatMapFunction<Iterator<IndexedImage>, PartStatistics> {
  private static final int BATCH = 256;

  @Override
  public Iterator<PartStatistics> call(Iterator<IndexedImage> images) {
    return ComputeTask.run(
        numerics,
        () -> {
          try (FeatureExtractor features = FeatureExtractors.named(extractor.name())) {
            return List.of(statistics(images, features)).iterator();
          }
        });
  }

  private PartStatistics statistics(Iterator<IndexedImage> images, FeatureExtractor features) {
    PartStatistics part = PartStatistics.empty(extractor, bootstrap);
    while (images.hasNext()) {
      List<IndexedImage> batch = new ArrayList<>();
      while (images.hasNext() && batch.size() < BATCH) {
        batch.add(images.next());
        // Counted here: if a network makes them, next() is most of the work.
        imagesDone.add(1);
      }
      List<Features> found =
          features.of(batch.stream().map(image -> image.image().pixels()).toList());
      for (int i = 0; i < batch.size(); i++) {
        IndexedImage image = batch.get(i);
        check(batch.size(), found, i, image.id());
        part.statistics().add(image.id(), found.get(i), image.evaluations());
        part.vectors().put(image.id(), found.get(i).vector());
        part.images().put(image.id(), image);
      }
    }
    part.statistics().flush();
    return part;
  }

  /** Extractors of other jars may be wrong. */
  private void check(int images, List<Features> found, int i, long id) {
    if (found.size() != images
        || found.get(i).vector().length != extractor.features()
        || found.get(i).predictedClass() >= extractor.classes().size()) {
      throw new ConfigurationFailure(
          "The extractor %s did not return what it declares, %d vectors of %d features and classes below %d for %d images: give another evaluate.extractor."
              .formatted(
                  extractor.name(),
                  images,
                  extractor.features(),
                  extractor.classes().size(),
                  images));
    }
    for (float value : found.get(i).vector()) {
      if (!Float.isFinite(value)) {
        throw new DataFailure(
            "By the extractor %s, image %d of %s has a feature that is %s, for which there is no distance: give another evaluate.extractor, or a set without that image."
                .formatted(extractor.name(), id, set, value));
      }
    }
  }
}
