package flowmatching.parameterserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class RelativeThresholdTest {
  private static final int LENGTH = 100_000;

  @Test
  void isInProportionToTheUpdates() {
    INDArray updates = Nd4j.valueArrayOf(new long[] {LENGTH}, -2e-4, DataType.FLOAT);
    assertThat(threshold(updates)).isCloseTo(0.9 * 2e-4, withPercentage(0.1));
    assertThat(threshold(updates.mul(100))).isCloseTo(0.9 * 2e-2, withPercentage(0.1));
  }

  @Test
  void leavesAThirdOfTheEnergyOfNormalUpdatesAndLosesNothing() {
    INDArray residual = Nd4j.randn(DataType.FLOAT, 1, LENGTH).muli(1e-3);
    INDArray before = residual.dup();
    INDArray encoded = Nd4j.create(DataType.INT32, LENGTH / 16 + 5);
    Nd4j.getExecutioner().bitmapEncode(residual, encoded, threshold(residual));
    INDArray sent = Nd4j.create(DataType.FLOAT, 1, LENGTH);
    Nd4j.getExecutioner().bitmapDecode(encoded, sent);
    assertThat(energy(residual) / energy(before)).isLessThan(0.36);
    assertThat(energy(before.sub(residual).sub(sent)) / energy(before)).isLessThan(1e-10);
  }

  @Test
  void isAboveNothingWhereThereIsNothingToSend() {
    assertThat(threshold(Nd4j.zeros(DataType.FLOAT, 10))).isPositive();
  }

  private static double threshold(INDArray updates) {
    return new RelativeThreshold(0.9).calculateThreshold(0, 0, null, null, null, updates);
  }

  private static double energy(INDArray array) {
    return Math.pow(array.norm2Number().doubleValue(), 2);
  }
}
