package flowmatching.network.dl4j;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Direct access to the values of an array of the CPU backend, in C order. It does not keep the
 * array alive: a layer must keep the arrays it still needs after its forward pass in fields.
 */
record HostArray(FloatPointer values) {
  /** Refuses an array that is not float32, in C order and contiguous. */
  static HostArray of(INDArray array) {
    if (array.dataType() != DataType.FLOAT || array.ordering() != 'c' || !isDense(array)) {
      throw new IllegalArgumentException(
          "Not a contiguous float32 array in C order: " + array.shapeInfoToString());
    }
    return new HostArray(new FloatPointer(array.data().addressPointer()));
  }

  private static boolean isDense(INDArray array) {
    long stride = 1;
    for (int d = array.rank() - 1; d >= 0; d--) {
      if (array.size(d) != 1 && array.stride(d) != stride) {
        return false;
      }
      stride *= array.size(d);
    }
    return true;
  }

  /** A copy of a small array, such as a parameter. */
  static float[] copy(INDArray array) {
    float[] copy = new float[Math.toIntExact(array.length())];
    of(array).part(0, copy.length).get(copy);
    return copy;
  }

  /** Sets all values. */
  void put(float[] all) {
    part(0, all.length).put(all);
  }

  /** Values {@code [from, from + count)}, to read and write in bulk. */
  FloatBuffer part(long from, int count) {
    return at(from).capacity(from + count).asBuffer();
  }

  /** The address of a value, for native libraries. */
  FloatPointer at(long position) {
    return new FloatPointer(values).position(position);
  }
}
