package flowmatching.work.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BootstrapTest {
  private static final FrechetDistance REAL =
      new FrechetDistance(
          FrechetDistanceTest.sums(FrechetDistanceTest.random(20_000, 8, 100)).gaussian());

  @Test
  void containsTheDistanceOfOtherSetsOfThatSize() {
    // Sets with a mean that differs a little from the real one.
    List<ImageStatistics> sets = IntStream.range(0, 40).mapToObj(seed -> set(seed, 1000)).toList();
    double mean = sets.stream().mapToDouble(set -> REAL.of(set.gaussian())).average().orElseThrow();
    long having =
        sets.stream()
            .map(set -> Bootstrap.interval(set, REAL))
            .filter(interval -> interval.get(0) < mean && mean < interval.get(1))
            .count();
    assertThat(having).isBetween(34L, 40L);
  }

  @Test
  void moreImagesMakeItNarrower() {
    assertThat(width(set(1, 8000))).isLessThan(0.6 * width(set(1, 1000)));
  }

  @Test
  void fewImagesHaveNone() {
    assertThat(Bootstrap.hasEnough(599)).isFalse();
    assertThat(Bootstrap.hasEnough(600)).isTrue();
    assertThat(Bootstrap.interval(new ImageStatistics(8, 0, new Bootstrap(0, 1)), REAL)).isEmpty();
  }

  private static double width(ImageStatistics set) {
    List<Double> interval = Bootstrap.interval(set, REAL);
    return interval.get(1) - interval.get(0);
  }

  private static ImageStatistics set(long seed, int images) {
    ImageStatistics set = new ImageStatistics(8, 0, new Bootstrap(100, 1));
    float[][] vectors = FrechetDistanceTest.random(images, 8, seed);
    for (int id = 0; id < images; id++) {
      vectors[id][0] += 0.5f;
      set.add(id, new FeatureExtractor.Features(vectors[id], -1), 0);
    }
    set.flush();
    return set;
  }
}
