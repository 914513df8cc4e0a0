package flowmatching.base.safetensors;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** The float types of safetensors files, with their names there. */
enum FloatType {
  F16(Short.BYTES) {
    @Override
    float next(ByteBuffer file) {
      return half(file.getShort());
    }
  },
  BF16(Short.BYTES) {
    @Override
    float next(ByteBuffer file) {
      // The upper half of a 32-bit float.
      return Float.intBitsToFloat(file.getShort() << Short.SIZE);
    }
  },
  F32(Float.BYTES) {
    @Override
    float next(ByteBuffer file) {
      return file.getFloat();
    }
  },
  F64(Double.BYTES) {
    @Override
    float next(ByteBuffer file) {
      return (float) file.getDouble();
    }
  };

  private final int bytes;

  FloatType(int bytes) {
    this.bytes = bytes;
  }

  static Optional<FloatType> of(String name) {
    return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
  }

  /** Bytes per value. */
  int bytes() {
    return bytes;
  }

  /** Reads the value at the file's position. */
  abstract float next(ByteBuffer file);

  /** IEEE 754 binary16: a sign, 5 bits of exponent, 10 of fraction. The conversion is exact. */
  private static float half(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = (bits >> 10) & 0x1f;
    int fraction = bits & 0x3ff;
    if (exponent == 0) {
      return Math.copySign(fraction * 0x1p-24f, Float.intBitsToFloat(sign));
    }
    // An infinite value, a NaN, or a normal number with the bias of binary32.
    int wide = exponent == 0x1f ? 0xff : exponent + 127 - 15;
    return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
  }
}
