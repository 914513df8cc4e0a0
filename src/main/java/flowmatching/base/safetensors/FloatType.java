package flowmatching.base.safetensors;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** The float types of safetensors files, with their names there. */
enum FloatType {
  F16(Short.BYTES),
  BF16(Short.BYTES),
  F32(Float.BYTES),
  F64(Double.BYTES);

  /** Per value. */
  final int bytes;

  FloatType(int bytes) {
    this.bytes = bytes;
  }

  static Optional<FloatType> of(String name) {
    return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
  }

  /** Reads the value at the file's position. */
  float next(ByteBuffer file) {
    return switch (this) {
      case F16 -> half(file.getShort());
      // The upper half of a 32-bit float.
      case BF16 -> Float.intBitsToFloat(file.getShort() << Short.SIZE);
      case F32 -> file.getFloat();
      case F64 -> (float) file.getDouble();
    };
  }

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
