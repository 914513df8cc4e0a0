package flowmatching.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import flowmatching.flow.RandomStream.Purpose;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.distribution.RealDistribution;
import org.apache.commons.math3.distribution.UniformRealDistribution;
import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;
import org.apache.commons.math3.stat.descriptive.DescriptiveStatistics;
import org.apache.commons.math3.stat.inference.KolmogorovSmirnovTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The streams are fixed, so these statistics are too. Bounds are four standard errors. */
class RandomStreamTest {
  private static final int COUNT = 100_000;
  private static final double ERROR = 4 / Math.sqrt(COUNT);

  /** The Kolmogorov-Smirnov distance that one sample in ten thousand exceeds. */
  private static final double DISTANCE = 2.23 / Math.sqrt(COUNT);

  private static final RandomStream STREAM =
      new RandomStream(7, Purpose.TRAINING_NOISE, 3, 1_000_000_007L);

  @Test
  void normalsAreStandardNormals() {
    assertStandardNormal(normals(STREAM));
  }

  @Test
  void firstNormalsOfConsecutiveIdsAreStandardNormals() {
    assertStandardNormal(
        IntStream.range(0, COUNT)
            .mapToDouble(
                id -> {
                  float[] first = new float[1];
                  new RandomStream(7, Purpose.SAMPLE_NOISE, 0, id).normals(first, 0, 1);
                  return first[0];
                })
            .toArray());
  }

  @Test
  void uniformsAreUniform() {
    double[] values = uniforms(STREAM, -0.25f, 0.5f);
    assertThat(Arrays.stream(values)).allMatch(value -> value >= -0.25 && value < 0.5);
    assertThat(distance(values, new UniformRealDistribution(-0.25, 0.5))).isLessThan(DISTANCE);
  }

  @Test
  void firstUniformsOfConsecutiveIdsAreUniform() {
    double[] times =
        IntStream.range(0, COUNT)
            .mapToDouble(id -> new RandomStream(7, Purpose.TRAINING_TIME, 3, id).uniform())
            .toArray();
    assertThat(distance(times, new UniformRealDistribution(0, 1))).isLessThan(DISTANCE);
  }

  static Stream<RandomStream> otherStreams() {
    return Stream.of(
        new RandomStream(8, STREAM.purpose(), STREAM.epoch(), STREAM.id()),
        new RandomStream(7L + (1L << 32), STREAM.purpose(), STREAM.epoch(), STREAM.id()),
        new RandomStream(STREAM.seed(), Purpose.VALIDATION_NOISE, STREAM.epoch(), STREAM.id()),
        new RandomStream(STREAM.seed(), STREAM.purpose(), 4, STREAM.id()),
        new RandomStream(STREAM.seed(), STREAM.purpose(), STREAM.epoch(), STREAM.id() + 1),
        new RandomStream(
            STREAM.seed(), STREAM.purpose(), STREAM.epoch(), STREAM.id() + (1L << 32)));
  }

  @ParameterizedTest
  @MethodSource("otherStreams")
  void streamsThatDifferInAFieldAreUncorrelated(RandomStream other) {
    assertThat(correlation(normals(STREAM), normals(other))).isCloseTo(0, within(ERROR));
    assertThat(correlation(uniforms(STREAM, 0, 1), uniforms(other, 0, 1)))
        .isCloseTo(0, within(ERROR));
  }

  @ParameterizedTest
  @MethodSource("lags")
  void theNumbersOfAStreamAreUncorrelated(int lag) {
    double[] values = normals(STREAM);
    double[] squares = Arrays.stream(values).map(value -> value * value).toArray();
    for (double[] numbers : new double[][] {values, squares}) {
      assertThat(
              correlation(
                  Arrays.copyOfRange(numbers, lag, COUNT),
                  Arrays.copyOfRange(numbers, 0, COUNT - lag)))
          .isCloseTo(0, within(1.1 * ERROR));
    }
  }

  static IntStream lags() {
    return IntStream.of(1, 2, 3, 4, 784);
  }

  @Test
  void aPrefixOfAStreamDoesNotDependOnTheOffsetOrTheCount() {
    float[] whole = new float[10];
    STREAM.normals(whole, 0, 10);
    float[] part = new float[10];
    STREAM.normals(part, 3, 6);
    assertThat(Arrays.copyOfRange(part, 3, 9)).containsExactly(Arrays.copyOf(whole, 6));
    assertThat(new float[] {part[0], part[1], part[2], part[9]}).containsOnly(0);

    float[] uniforms = new float[5];
    STREAM.uniforms(uniforms, 0, 5, 0, 1);
    assertThat(STREAM.uniform()).isEqualTo(uniforms[0]);
  }

  private static void assertStandardNormal(double[] values) {
    var statistics = new DescriptiveStatistics(values);
    assertThat(statistics.getMean()).isCloseTo(0, within(ERROR));
    assertThat(statistics.getVariance()).isCloseTo(1, within(ERROR * Math.sqrt(2)));
    assertThat(statistics.getSkewness()).isCloseTo(0, within(ERROR * Math.sqrt(6)));
    assertThat(statistics.getKurtosis()).isCloseTo(0, within(ERROR * Math.sqrt(24)));
    assertThat(distance(values, new NormalDistribution())).isLessThan(DISTANCE);
  }

  private static double distance(double[] values, RealDistribution distribution) {
    return new KolmogorovSmirnovTest().kolmogorovSmirnovStatistic(distribution, values);
  }

  private static double correlation(double[] one, double[] other) {
    return new PearsonsCorrelation().correlation(one, other);
  }

  private static double[] normals(RandomStream stream) {
    float[] values = new float[COUNT];
    stream.normals(values, 0, COUNT);
    return widened(values);
  }

  private static double[] uniforms(RandomStream stream, float low, float high) {
    float[] values = new float[COUNT];
    stream.uniforms(values, 0, COUNT, low, high);
    return widened(values);
  }

  private static double[] widened(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }
}
