package flowmatching.network.dl4j;

import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer's forward and backward pass. Arrays are float32 in C order. */
interface LayerFunction {
  /**
   * The layer's output, in {@link Memory#activation}.
   *
   * @param inputs not modified
   */
  INDArray forward(Tensors tensors, Memory memory, INDArray... inputs);

  /**
   * The gradient with respect to each input, each in its own {@link Memory#gradient}. Called once
   * after {@link #forward} with the same inputs, except that an input that is only added to the
   * output may be missing: its gradient is the output's.
   *
   * @param gradient of the loss with respect to the output; not modified
   */
  INDArray[] backward(INDArray gradient, Tensors tensors, Memory memory, INDArray... inputs);
}
