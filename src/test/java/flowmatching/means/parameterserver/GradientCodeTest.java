package flowmatching.means.parameterserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GradientCodeTest {
  /** Two blocks and a shorter one. */
  private static final int LENGTH = 2 * GradientCode.BLOCK + 77;

  private static final double THRESHOLD = 0.05;

  @Test
  void anExactGradientIsDecodedWithoutLoss() {
    float[] gradient = normals(1);
    assertThat(decode(new GradientCode(LENGTH, THRESHOLD).exact(gradient))).isEqualTo(gradient);
  }

  @Test
  void aValueIsSentWithinTheThreshold() {
    float[] gradient = normals(2);
    float[] sent = decode(new GradientCode(LENGTH, THRESHOLD).quantised(gradient));
    for (int i = 0; i < LENGTH; i++) {
      assertThat(sent[i]).isCloseTo(gradient[i], within(1.1f * (float) THRESHOLD));
    }
  }

  @Test
  void aValueFarAboveTheOthersIsSentInFull() {
    float[] gradient = normals(5);
    gradient[100] = 1000;
    float[] sent = decode(new GradientCode(LENGTH, THRESHOLD).quantised(gradient));
    assertThat(sent[100]).isCloseTo(1000, within(1e-3f));
  }

  @Test
  void roundingErrorsAreSentLater() {
    GradientCode code = new GradientCode(LENGTH, THRESHOLD);
    float[] all = new float[LENGTH];
    float[] sent = new float[LENGTH];
    for (int step = 0; step < 5; step++) {
      float[] gradient = normals(step);
      for (int i = 0; i < LENGTH; i++) {
        all[i] += gradient[i];
      }
      GradientCode.addTo(sent, (step < 4 ? code.quantised(gradient) : code.exact(gradient)).body());
    }
    for (int i = 0; i < LENGTH; i++) {
      assertThat(sent[i]).isCloseTo(all[i], within(1e-4f));
    }
  }

  @Test
  void aGradientOfZerosIsSentAsZeros() {
    GradientCode.Encoded encoded = new GradientCode(LENGTH, THRESHOLD).quantised(new float[LENGTH]);
    assertThat(encoded.zeros()).isEqualTo(1);
    assertThat(decode(encoded)).containsOnly(0);
  }

  @Test
  void aLargerThresholdSendsMoreZeros() {
    float[] gradient = normals(3);
    assertThat(new GradientCode(LENGTH, 0.5).quantised(gradient).zeros())
        .isGreaterThan(new GradientCode(LENGTH, 0.1).quantised(gradient).zeros());
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1})
  void bytesOfAnotherLengthAreRefused(int more) {
    byte[] body = new GradientCode(LENGTH, THRESHOLD).quantised(normals(4)).body();
    byte[] other = Arrays.copyOf(body, body.length + more);
    assertThatThrownBy(() -> GradientCode.addTo(new float[LENGTH], other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("do not encode " + LENGTH + " values");
  }

  private static float[] decode(GradientCode.Encoded encoded) {
    float[] sum = new float[LENGTH];
    GradientCode.addTo(sum, encoded.body());
    return sum;
  }

  private static float[] normals(long seed) {
    Random random = new Random(seed);
    float[] values = new float[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
