package flowmatching.work.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.StreamSupport;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.QRDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrechetDistanceTest {
  @Test
  void equalsSciPys() throws Exception {
    // Made by src/test/resources/evaluate/frechet.py.
    JsonNode golden =
        JsonMapper.builder()
            .build()
            .readTree(Path.of("src/test/resources/evaluate/frechet.json").toFile());
    assertThat(distance(gaussian(golden.get("a")), gaussian(golden.get("b"))))
        .isCloseTo(golden.get("distance").asDouble(), withPercentage(0.01));
  }

  @Test
  void ofEqualSetsIsZero() {
    for (int images : new int[] {1000, 10}) {
      // With ten images the covariance is singular.
      Gaussian gaussian = sums(random(images, 64, 1)).gaussian();
      assertThat(distance(gaussian, gaussian))
          .isCloseTo(0, within(1e-6 * gaussian.covariance().getTrace()));
    }
  }

  @Test
  void ofNormalDistributionsFollowsTheFormula() {
    // |m|^2 + d (s - 1)^2 for means 0 and m, deviations 1 and s.
    float[][] standard = random(100_000, 4, 1);
    float[][] wider = random(100_000, 4, 2);
    for (float[] vector : wider) {
      for (int i = 0; i < vector.length; i++) {
        vector[i] = 3 * vector[i] + 1;
      }
    }
    assertThat(distance(sums(standard).gaussian(), sums(wider).gaussian()))
        .isCloseTo(4 + 4 * 4, withPercentage(1));
  }

  /** Ranks for which many eigenvalue routines do not converge. */
  @ParameterizedTest
  @CsvSource({"64, 21", "128, 16", "128, 42", "256, 32", "256, 85"})
  void ofSingularCovariancesOfOneBasisIsThatOfTheirDeviations(int features, int rank) {
    Random random = new Random(rank);
    RealMatrix vectors = new Array2DRowRealMatrix(features, rank);
    for (int i = 0; i < features; i++) {
      for (int j = 0; j < rank; j++) {
        vectors.setEntry(i, j, random.nextGaussian());
      }
    }
    RealMatrix basis =
        new QRDecomposition(vectors).getQ().getSubMatrix(0, features - 1, 0, rank - 1);
    double[] a = random.doubles(rank, 1, 10).toArray();
    double[] b = random.doubles(rank, 1, 10).toArray();
    // |m|^2 + the sum of (s1 - s2)^2 over the deviations along each common axis.
    double expected = 4.0 * features;
    for (int i = 0; i < rank; i++) {
      expected += (a[i] - b[i]) * (a[i] - b[i]);
    }
    assertThat(distance(gaussian(basis, a, 0), gaussian(basis, b, 2)))
        .isCloseTo(expected, withPercentage(1e-9));
  }

  private static Gaussian gaussian(RealMatrix basis, double[] deviations, double mean) {
    double[] squares = Arrays.stream(deviations).map(value -> value * value).toArray();
    RealMatrix covariance =
        basis.multiply(MatrixUtils.createRealDiagonalMatrix(squares)).multiply(basis.transpose());
    // Exactly symmetric, like a summed covariance.
    return new Gaussian(
        new ArrayRealVector(basis.getRowDimension(), mean),
        covariance.add(covariance.transpose()).scalarMultiply(0.5));
  }

  @Test
  void ofFewVectorsOfManyFeaturesIsDefined() {
    for (int seed = 0; seed < 4; seed++) {
      Gaussian a = sums(random(44, 128, seed)).gaussian();
      assertThat(distance(a, a)).isCloseTo(0, within(1e-6 * a.covariance().getTrace()));
      assertThat(distance(a, sums(random(30, 128, 9)).gaussian())).isPositive();
    }
  }

  @Test
  void isTheSameBothWays() {
    Gaussian a = sums(random(100, 8, 1)).gaussian();
    Gaussian b = sums(random(5, 8, 2)).gaussian();
    assertThat(distance(a, b)).isPositive().isCloseTo(distance(b, a), withPercentage(1e-6));
  }

  @Test
  void needsTwoVectors() {
    assertThatThrownBy(() -> sums(random(1, 8, 1)).gaussian())
        .isInstanceOf(IllegalStateException.class);
  }

  private static double distance(Gaussian a, Gaussian b) {
    return new FrechetDistance(b).of(a);
  }

  static float[][] random(int count, int features, long seed) {
    Random random = new Random(seed);
    float[][] vectors = new float[count][features];
    for (float[] vector : vectors) {
      for (int i = 0; i < features; i++) {
        vector[i] = (float) random.nextGaussian();
      }
    }
    return vectors;
  }

  static FeatureSums sums(float[][] vectors) {
    FeatureSums sums = new FeatureSums(vectors[0].length);
    for (float[] vector : vectors) {
      sums.add(vector);
    }
    return sums;
  }

  private static Gaussian gaussian(JsonNode rows) {
    float[][] vectors =
        StreamSupport.stream(rows.spliterator(), false)
            .map(FrechetDistanceTest::vector)
            .toArray(float[][]::new);
    return sums(vectors).gaussian();
  }

  private static float[] vector(JsonNode row) {
    float[] vector = new float[row.size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (float) row.get(i).asDouble();
    }
    return vector;
  }
}
