package flowmatching.network.dl4j;

import flowmatching.network.dl4j.GraphParameters.Run;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Copies between DL4J's vectors and vectors in the order of the layout. */
record GraphVectors(List<Run> runs, int length) {

  /** Copies a vector of DL4J's into one in the order of the layout. */
  void read(INDArray vector, float[] values) {
    float[] inGraph = FloatArrays.of(vector);
    runs.forEach(run -> System.arraycopy(inGraph, run.inGraph(), values, run.from(), run.length()));
  }

  /**
   * Copies values in the order of the layout into a vector of DL4J's.
   *
   * @throws IllegalArgumentException if there are more or fewer values than parameters
   */
  void write(float[] values, INDArray vector) {
    if (values.length != length) {
      throw new IllegalArgumentException(
          "%d values for %d parameters".formatted(values.length, length));
    }
    float[] inGraph = new float[length];
    runs.forEach(run -> System.arraycopy(values, run.from(), inGraph, run.inGraph(), run.length()));
    try (INDArray array = Nd4j.createFromArray(inGraph)) {
      vector.assign(array.reshape(vector.shape()));
    }
  }
}
