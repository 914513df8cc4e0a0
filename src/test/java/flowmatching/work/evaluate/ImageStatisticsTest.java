package flowmatching.work.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.data.Percentage.withPercentage;

import flowmatching.work.evaluate.FeatureExtractor.Features;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ImageStatisticsTest {
  private static final int IMAGES = 2000;
  private static final Bootstrap BOOTSTRAP = new Bootstrap(20, 1);
  private static final float[][] VECTORS = FrechetDistanceTest.random(IMAGES, 16, 1);
  private static final FrechetDistance OTHER =
      new FrechetDistance(
          FrechetDistanceTest.sums(FrechetDistanceTest.random(IMAGES, 16, 2)).gaussian());

  @Test
  void areTheSameInOnePartOrMany() {
    ImageStatistics one = part(0, IMAGES);
    // Some cuts are within blocks of the bootstrap.
    ImageStatistics many =
        IntStream.range(0, 7)
            .mapToObj(i -> part(IMAGES * i / 7, IMAGES * (i + 1) / 7))
            .reduce(ImageStatistics::merge)
            .orElseThrow();
    assertThat(many.images()).isEqualTo(one.images()).isEqualTo(IMAGES);
    assertThat(OTHER.of(many.gaussian())).isCloseTo(OTHER.of(one.gaussian()), withPercentage(1e-7));
    for (int replicate = 0; replicate < BOOTSTRAP.replicates(); replicate++) {
      assertThat(OTHER.of(many.gaussian(replicate)))
          .isCloseTo(OTHER.of(one.gaussian(replicate)), withPercentage(1e-7));
    }
    assertThat(many.shares()).isEqualTo(one.shares());
  }

  @Test
  void replicatesAreDifferentSets() {
    ImageStatistics all = part(0, IMAGES);
    List<Double> distances =
        IntStream.range(0, BOOTSTRAP.replicates())
            .mapToObj(replicate -> OTHER.of(all.gaussian(replicate)))
            .toList();
    assertThat(distances).doesNotHaveDuplicates();
    // A set drawn with replacement is farther away because it has fewer different images.
    assertThat(distances).allMatch(distance -> distance > OTHER.of(all.gaussian()));
  }

  @Test
  void sharesAddUpToOne() {
    assertThat(part(0, IMAGES).shares()).containsExactly(0.5, 0.5);
    assertThat(part(0, IMAGES).evaluations()).isEqualTo(3);
  }

  @Test
  void timesAreAPoissonNumberOfMeanOne() {
    int blocks = 100_000;
    double[] shares = new double[13];
    for (int block = 0; block < blocks; block++) {
      shares[BOOTSTRAP.times(3, block)] += 1.0 / blocks;
    }
    double probability = Math.exp(-1);
    for (int times = 0; times < 6; times++) {
      assertThat(shares[times]).isCloseTo(probability, within(0.005));
      probability /= times + 1;
    }
  }

  private static ImageStatistics part(int from, int to) {
    ImageStatistics part = new ImageStatistics(16, 2, BOOTSTRAP);
    for (int id = from; id < to; id++) {
      part.add(id, new Features(VECTORS[id], id % 2), 3);
    }
    part.flush();
    return part;
  }
}
