package flowmatching.train;

import flowmatching.failure.DataFailure;
import flowmatching.settings.ModelSettings;
import flowmatching.unet.NamedTensor;
import flowmatching.unet.SafeTensors;
import flowmatching.unet.UNet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * Adam's moments as the bytes of a safetensors file, and back. Each has the name and layout of its
 * parameter, so that the file does not depend on the order of DL4J's vectors.
 */
final class Moments {
  /** PyTorch's names of the first and the second, in the order in which DL4J has them. */
  private static final List<String> NAMES = List.of("exp_avg", "exp_avg_sq");

  private Moments() {}

  /** The file of a network's updater state. */
  static byte[] write(ModelSettings settings, float[] state) {
    List<NamedTensor> tensors = new ArrayList<>();
    // A network's parameter vector is what knows the order.
    ComputationGraph order = UNet.create(settings, new NoOp());
    try {
      int length = state.length / NAMES.size();
      for (int i = 0; i < NAMES.size(); i++) {
        String moment = NAMES.get(i);
        float[] values = Arrays.copyOfRange(state, i * length, (i + 1) * length);
        try (INDArray vector = Nd4j.createFromArray(values)) {
          order.params().assign(vector.reshape(order.params().shape()));
        }
        UNet.parameters(order)
            .forEach((name, view) -> tensors.add(NamedTensor.of(moment + "." + name, view)));
      }
    } finally {
      order.close();
    }
    return SafeTensors.write(tensors, Map.of());
  }

  /**
   * The updater state of a file.
   *
   * @param origin the file's path, for the message
   * @throws DataFailure where it is not one of such a network, or a value is infinite, not a number
   *     or, of a second moment, negative
   */
  static float[] read(byte[] file, ModelSettings settings, String origin) {
    Map<String, NamedTensor> tensors = new TreeMap<>(SafeTensors.read(file, origin));
    ComputationGraph order = UNet.create(settings, new NoOp());
    try {
      int length = Math.toIntExact(order.params().length());
      float[] state = new float[NAMES.size() * length];
      for (int i = 0; i < NAMES.size(); i++) {
        String moment = NAMES.get(i);
        UNet.parameters(order)
            .forEach((name, view) -> assign(tensors.remove(moment + "." + name), view, origin));
        System.arraycopy(order.params().toFloatVector(), 0, state, i * length, length);
      }
      if (!tensors.isEmpty()) {
        throw another(origin);
      }
      return state;
    } finally {
      order.close();
    }
  }

  private static void assign(NamedTensor tensor, INDArray view, String origin) {
    if (tensor == null || !Arrays.equals(tensor.shape(), view.shape())) {
      throw another(origin);
    }
    for (float value : tensor.values()) {
      // The second is a mean of squares.
      if (!Float.isFinite(value) || (value < 0 && tensor.name().startsWith(NAMES.get(1)))) {
        throw new DataFailure(
            "%s is damaged: a value of tensor '%s' is %s".formatted(origin, tensor.name(), value));
      }
    }
    tensor.assignTo(view);
  }

  private static DataFailure another(String origin) {
    return new DataFailure(origin + " is not the optimiser state of this network");
  }
}
