package flowmatching.network.dl4j;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The values of an array of the CPU backend where they are, in C order. It does not keep the array:
 * what a layer uses after its forward pass it must hold in a field, as an array.
 */
final class HostArray {
  private final FloatPointer values;

  HostArray(FloatPointer values) {
    this.values = values;
  }

  /**
   * An array's values.
   *
   * @throws IllegalArgumentException where they are not float32, or not one after the other
   */
  static HostArray of(INDArray array) {
    if (array.dataType() != DataType.FLOAT || array.ordering() != 'c' || !isDense(array)) {
      throw new IllegalArgumentException("Not float32 in C order: " + array.shapeInfoToString());
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

  /** All values of a small array, such as a parameter. */
  static float[] copy(INDArray array) {
    float[] copy = new float[Math.toIntExact(array.length())];
    of(array).part(0, copy.length).get(copy);
    return copy;
  }

  /** A part of the values, to be read and written in bulk. */
  FloatBuffer part(long from, int count) {
    return at(from).capacity(from + count).asBuffer();
  }

  /** For the native libraries, which know the address alone. */
  FloatPointer at(long position) {
    return new FloatPointer(values).position(position);
  }
}
