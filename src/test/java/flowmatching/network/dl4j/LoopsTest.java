package flowmatching.network.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoopsTest {
  @Test
  void siluIsXTimesTheLogisticFunction() {
    float[] x = grid(-30, 30, 10_001);
    float[] y = x.clone();
    Loops.silu(1, y, 0, y.length);
    for (int i = 0; i < x.length; i++) {
      double expected = x[i] / (1 + Math.exp(-x[i]));
      assertThat((double) y[i]).isCloseTo(expected, within(3e-7 * Math.max(1, Math.abs(x[i]))));
    }
  }

  @Test
  void siluGradientIsItsSlope() {
    float[] x = grid(-8, 8, 1_001);
    float[] gradient = new float[x.length];
    Arrays.fill(gradient, 1);
    Loops.siluGradient(gradient, 2, x, 0.5f, x.length);
    double h = 1e-5;
    for (int i = 0; i < x.length; i++) {
      double z = 2 * x[i] + 0.5;
      double slope = (silu(z + h) - silu(z - h)) / (2 * h);
      assertThat((double) gradient[i]).isCloseTo(slope, within(5e-6));
    }
  }

  @Test
  void exponentialsAreAccurateRelativeToTheLargest() {
    float[] x = grid(-100, 0, 10_001);
    float[] e = x.clone();
    float[] sums = new float[x.length];
    Loops.exp(e, new float[x.length], sums, x.length);
    for (int i = 0; i < x.length; i++) {
      double expected = Math.exp(x[i]);
      double tolerance = x[i] >= -8 ? 2e-6 * expected : 3e-9;
      assertThat((double) e[i]).as("e^%s", x[i]).isCloseTo(expected, within(tolerance));
      assertThat(sums[i]).isEqualTo(e[i]);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 49, 64, 65, 784, 6273})
  void sumsOfAnyLengthMatchDoublePrecision(int length) {
    float[] x = grid(-1, 2, length);
    double sum = 0;
    for (float value : x) {
      sum += value;
    }
    assertThat((double) Loops.fold(x, new float[length], length))
        .isCloseTo(sum, within(1e-6 * length));
  }

  private static double silu(double z) {
    return z / (1 + Math.exp(-z));
  }

  private static float[] grid(float from, float to, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = from + (to - from) * i / Math.max(1, count - 1);
    }
    return values;
  }
}
