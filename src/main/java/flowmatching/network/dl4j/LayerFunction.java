package flowmatching.network.dl4j;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer's mathematics, forward and backward. Arrays are float32 in C order. */
interface LayerFunction {
  /**
   * The layer's output.
   *
   * @param inputs left as they are
   * @param parameters by name
   * @return the output, in {@link Memory#activation}
   */
  INDArray forward(INDArray[] inputs, Map<String, INDArray> parameters, Memory memory);

  /**
   * Called once after {@link #forward} with the same inputs, but for one that is only added to the
   * output, whose gradient is the output's.
   *
   * @param gradient of the loss with respect to the output; left as it is
   * @param gradients of the parameters by name: overwritten with this minibatch's
   * @return the gradient with respect to each input, each in a {@link Memory#gradient} of its own
   */
  INDArray[] backward(
      INDArray[] inputs,
      INDArray gradient,
      Map<String, INDArray> parameters,
      Map<String, INDArray> gradients,
      Memory memory);
}
