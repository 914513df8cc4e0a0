package flowmatching.network.dl4j;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer's forward and backward pass. Arrays are float32 in C order. */
interface LayerFunction {
  /**
   * The layer's output.
   *
   * @param inputs not modified
   * @param parameters by name
   * @return the output, in {@link Memory#activation}
   */
  INDArray forward(INDArray[] inputs, Map<String, INDArray> parameters, Memory memory);

  /**
   * The layer's gradients. Called once after {@link #forward} with the same inputs, except that an
   * input that is only added to the output may be missing: its gradient is the output's.
   *
   * @param gradient of the loss with respect to the output; not modified
   * @param gradients of the parameters by name; overwritten
   * @return the gradient with respect to each input, each in its own {@link Memory#gradient}
   */
  INDArray[] backward(
      INDArray[] inputs,
      INDArray gradient,
      Map<String, INDArray> parameters,
      Map<String, INDArray> gradients,
      Memory memory);
}
