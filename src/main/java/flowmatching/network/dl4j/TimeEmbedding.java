package flowmatching.network.dl4j;

import flowmatching.network.onednn.Layer;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Sinusoids of the time: {@code [N, 1]} to {@code [N, size]}, with half = size / 2: sin(t /
 * 10000^(i / half)) for i in [0, half), then the cosines, in the article's order (Vaswani et al.
 * 2017, arXiv:1706.03762, section 3.5).
 */
record TimeEmbedding(int size) implements LayerSettings {
  @Override
  public List<Parameter> parameters() {
    return List.of();
  }

  @Override
  public LayerFunction function() {
    return new Function();
  }

  private final class Function implements LayerFunction {
    /** {@code [1, size / 2]}. */
    private final INDArray frequencies;

    Function() {
      float[] values = new Layer.TimeEmbedding(size).frequencies();
      frequencies = Nd4j.createFromArray(values).reshape('c', 1, values.length);
    }

    @Override
    public INDArray forward(Tensors tensors, Memory memory, INDArray... inputs) {
      INDArray time = inputs[0]; // [N, 1]
      INDArray angle = memory.scratch(time.size(0), size / 2); // [N, size / 2]
      Ops.multiply(time, frequencies, angle);
      INDArray y = memory.activation(time.size(0), size); // [N, size]
      Ops.run(
          "concat",
          new INDArray[] {Transforms.sin(angle, true), Transforms.cos(angle, true)},
          new INDArray[] {y},
          1);
      return y;
    }

    /** The time is an input of the network and needs no gradient. */
    @Override
    public INDArray[] backward(
        INDArray gradient, Tensors tensors, Memory memory, INDArray... inputs) {
      return new INDArray[] {null};
    }
  }
}
