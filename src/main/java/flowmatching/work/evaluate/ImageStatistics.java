package flowmatching.work.evaluate;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.means.run.ExtractorFacts;
import flowmatching.work.evaluate.FeatureExtractor.Features;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * Statistics of a set of images or of a part of it, which tasks add up: the feature sums of all
 * images and of each replicate of the bootstrap, the images per class, and the evaluations.
 */
final class ImageStatistics implements Serializable {
  /** A task holds this besides its images; the driver holds a few times as much. */
  private static final long MAX_BYTES = 256 << 20;

  private final Bootstrap bootstrap;
  private final FeatureSums all;
  private final FeatureSums[] replicates;
  private final long[] classes;
  private long evaluations;

  /** Not added yet, because a block costs as much as a vector; null if there are none. */
  private FeatureSums ofBlock;

  private long block;

  ImageStatistics(int features, int classes, Bootstrap bootstrap) {
    this.bootstrap = bootstrap;
    this.all = new FeatureSums(features);
    this.replicates = new FeatureSums[bootstrap.replicates()];
    Arrays.setAll(replicates, replicate -> new FeatureSums(features));
    this.classes = new long[classes];
  }

  /**
   * Checks that the sums of the replicates fit into memory.
   *
   * @throws ConfigurationFailure if they do not
   */
  static void checkMemory(ExtractorFacts extractor, int replicates) {
    int features = extractor.features();
    long bytes = (replicates + 1L) * features * (features + 3) / 2 * Double.BYTES;
    if (bytes > MAX_BYTES) {
      throw new ConfigurationFailure(
          "evaluate.bootstrap = %d needs %d MB for sums of the %d features of %s, but at most %d MB are allowed: give fewer replicates."
              .formatted(replicates, bytes >> 20, features, extractor.name(), MAX_BYTES >> 20));
    }
  }

  /** Adds an image. The images of a block of the bootstrap need not follow each other. */
  void add(long id, Features features, int evaluationsOfImage) {
    if (ofBlock == null || Bootstrap.block(id) != block) {
      flush();
      block = Bootstrap.block(id);
      ofBlock = new FeatureSums(features.vector().length);
    }
    ofBlock.add(features.vector());
    if (features.predictedClass() >= 0) {
      classes[features.predictedClass()]++;
    }
    evaluations += evaluationsOfImage;
  }

  /** Ends the last block, before anything is asked of the sums. */
  void flush() {
    if (ofBlock == null) {
      return;
    }
    all.add(ofBlock, 1);
    for (int replicate = 0; replicate < replicates.length; replicate++) {
      int times = bootstrap.times(replicate, block);
      if (times > 0) {
        replicates[replicate].add(ofBlock, times);
      }
    }
    ofBlock = null;
  }

  /** Adds another part of the set. */
  ImageStatistics merge(ImageStatistics other) {
    all.add(other.all, 1);
    for (int replicate = 0; replicate < replicates.length; replicate++) {
      replicates[replicate].add(other.replicates[replicate], 1);
    }
    for (int i = 0; i < classes.length; i++) {
      classes[i] += other.classes[i];
    }
    evaluations += other.evaluations;
    return this;
  }

  long images() {
    return Math.round(all.count());
  }

  int replicates() {
    return replicates.length;
  }

  Gaussian gaussian() {
    return all.gaussian();
  }

  Gaussian gaussian(int replicate) {
    return replicates[replicate].gaussian();
  }

  /** The share of images per predicted class. */
  List<Double> shares() {
    return Arrays.stream(classes).mapToObj(count -> count / all.count()).toList();
  }

  /** The mean evaluations of the velocity per image. */
  double evaluations() {
    return evaluations / all.count();
  }
}
