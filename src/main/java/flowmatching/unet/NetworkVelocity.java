package flowmatching.unet;

import flowmatching.flow.VelocityField;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The velocity that a network predicts. One network serves one thread at a time. */
public record NetworkVelocity(ComputationGraph network) implements VelocityField {
  @Override
  public INDArray at(INDArray x, double time) {
    try (INDArray times = Nd4j.valueArrayOf(new long[] {x.size(0), 1}, time, DataType.FLOAT)) {
      return network.outputSingle(x, times);
    }
  }
}
