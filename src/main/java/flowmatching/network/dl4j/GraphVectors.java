package flowmatching.network.dl4j;

import flowmatching.network.dl4j.GraphParameters.Run;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Copies values between DL4J's vectors and those of the layout. */
record GraphVectors(List<Run> runs, int length) {

  /** A vector of DL4J's in the order of the layout. */
  void read(INDArray vector, float[] values) {
    float[] inGraph = FloatArrays.of(vector);
    runs.forEach(run -> System.arraycopy(inGraph, run.inGraph(), values, run.from(), run.length()));
  }

  /** Gives a vector of DL4J's the values of the layout. */
  void write(float[] values, INDArray vector) {
    if (values.length != length) {
      throw new IllegalArgumentException(
          "%d values are not those of %d parameters".formatted(values.length, length));
    }
    float[] inGraph = new float[length];
    runs.forEach(run -> System.arraycopy(values, run.from(), inGraph, run.inGraph(), run.length()));
    try (INDArray array = Nd4j.createFromArray(inGraph)) {
      vector.assign(array.reshape(vector.shape()));
    }
  }
}
