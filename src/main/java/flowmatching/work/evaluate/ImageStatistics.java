package flowmatching.work.evaluate;

import java.io.Serializable;
import java.util.Arrays;

/**
 * The statistics of a set of images, or of a part of it, that are added up over a cluster: feature
 * sums of all images and of each of a bootstrap's replicates, the number of each class, and what
 * the images took.
 */
final class ImageStatistics implements Serializable {
  private final Bootstrap bootstrap;
  private final FeatureSums all;
  private final FeatureSums[] replicates;
  private final long[] classes;
  private long evaluations;

  /** Of no images yet. */
  ImageStatistics(int features, int classes, Bootstrap bootstrap) {
    this.bootstrap = bootstrap;
    this.all = new FeatureSums(features);
    this.replicates = new FeatureSums[bootstrap.replicates()];
    Arrays.setAll(replicates, replicate -> new FeatureSums(features));
    this.classes = new long[classes];
  }

  /** Adds images of one block of the bootstrap. */
  void add(long block, FeatureSums ofBlock) {
    all.add(ofBlock, 1);
    for (int replicate = 0; replicate < replicates.length; replicate++) {
      int times = bootstrap.times(replicate, block);
      if (times > 0) {
        replicates[replicate].add(ofBlock, times);
      }
    }
  }

  /** Counts an image's evaluations, and its class, which is none where it is negative. */
  void count(int predictedClass, int itsEvaluations) {
    if (predictedClass >= 0) {
      classes[predictedClass]++;
    }
    evaluations += itsEvaluations;
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

  /** The share of the images that each class was predicted for. */
  double[] shares() {
    return Arrays.stream(classes).mapToDouble(count -> count / all.count()).toArray();
  }

  /** Evaluations of the network an image, their mean. */
  double evaluations() {
    return evaluations / all.count();
  }
}
