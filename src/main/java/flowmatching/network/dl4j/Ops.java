package flowmatching.network.dl4j;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * ND4J's custom operations with given arrays for the results. They broadcast a column {@code [R,
 * 1]} over {@code [R, M]} many times faster than ND4J's broadcast operations, and use oneDNN for
 * convolutions, tanh and softmax.
 */
final class Ops {
  private Ops() {}

  /** a + b. */
  static void add(INDArray a, INDArray b, INDArray out) {
    run("add", new INDArray[] {a, b}, new INDArray[] {out});
  }

  /** a - b. */
  static void subtract(INDArray a, INDArray b, INDArray out) {
    run("subtract", new INDArray[] {a, b}, new INDArray[] {out});
  }

  /** a b, elementwise. */
  static void multiply(INDArray a, INDArray b, INDArray out) {
    run("multiply", new INDArray[] {a, b}, new INDArray[] {out});
  }

  /** The sum of each row of {@code [R, M]} into {@code [R, 1]}. */
  static void rowSums(INDArray a, INDArray out) {
    Nd4j.exec(
        DynamicCustomOp.builder("reduce_sum")
            .addInputs(a)
            .addOutputs(out)
            .addIntegerArguments(1)
            .addBooleanArguments(true)
            .build());
  }

  /** The logistic function, 1 / (1 + e^-a) = (1 + tanh(a / 2)) / 2. */
  static void sigmoid(INDArray a, INDArray out) {
    a.mul(0.5, out);
    run("tanh", new INDArray[] {out}, new INDArray[] {out});
    out.addi(1).muli(0.5);
  }

  static void run(String name, INDArray[] inputs, INDArray[] outputs, int... integers) {
    Nd4j.exec(
        DynamicCustomOp.builder(name)
            .addInputs(inputs)
            .addOutputs(outputs)
            .addIntegerArguments(integers)
            .build());
  }
}
