package flowmatching.work.evaluate;

/** Adds vectors to statistics by blocks of the bootstrap: a block costs as much as a vector. */
final class BlockSums {
  private final ImageStatistics statistics;
  private FeatureSums sums;
  private long block;

  BlockSums(ImageStatistics statistics, int features) {
    this.statistics = statistics;
    this.sums = new FeatureSums(features);
  }

  /** Adds an image's vector. The images of a block need not follow each other. */
  void add(long id, float[] vector) {
    if (Bootstrap.block(id) != block) {
      flush();
      block = Bootstrap.block(id);
    }
    sums.add(vector);
  }

  /** Adds the last block. */
  void flush() {
    if (sums.count() > 0) {
      statistics.add(block, sums);
      sums = new FeatureSums(sums.features());
    }
  }
}
