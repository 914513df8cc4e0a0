package flowmatching.base.safetensors;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import flowmatching.base.failure.DataFailure;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Tensors as the bytes of a <a href="https://huggingface.co/docs/safetensors">safetensors</a> file
 * and back: the header's length in 8 bytes, a JSON header, then the values, all little-endian.
 *
 * <p>32-bit floats are written. Floats of 16 and 64 bits are read, too, as the 32-bit floats that
 * are nearest to them. Files may be anyone's, so that everything is checked against the file's
 * length before memory is taken for it.
 */
public final class SafeTensors {
  static final String METADATA = "__metadata__";

  /** Some 30,000 tensors; a header that asks for more is no network's. */
  static final int MAX_HEADER_BYTES = 4 << 20;

  static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private SafeTensors() {}

  /**
   * The file of the tensors, in the order of the list: the same bytes for the same arguments.
   *
   * @param metadata what the header says of the whole file, such as {@code format} = {@code pt}
   * @throws IllegalArgumentException where two tensors have one name, or the file would be larger
   *     than 2 GiB
   */
  public static byte[] write(List<NamedTensor> tensors, Map<String, String> metadata) {
    var header = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      header.set(METADATA, JSON.valueToTree(new TreeMap<>(metadata)));
    }
    var offset = 0L;
    for (var tensor : tensors) {
      if (header.has(tensor.name()) || tensor.name().equals(METADATA)) {
        throw new IllegalArgumentException("Two entries are named " + tensor.name());
      }
      var end = offset + (long) Float.BYTES * tensor.values().length;
      var entry = header.putObject(tensor.name()).put("dtype", FloatType.F32.name());
      entry.set("shape", JSON.valueToTree(tensor.shape()));
      entry.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    // The values begin at a multiple of 8 bytes, as the reference implementation writes them.
    var json = header.toString().getBytes(StandardCharsets.UTF_8);
    var headerBytes = (json.length + Long.BYTES - 1) / Long.BYTES * Long.BYTES;
    if (headerBytes > MAX_HEADER_BYTES || Long.BYTES + headerBytes + offset > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "The tensors need a header of %d bytes and %d bytes of values, more than one file holds"
              .formatted(headerBytes, offset));
    }
    var file =
        ByteBuffer.allocate((int) (Long.BYTES + headerBytes + offset))
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(headerBytes)
            .put(json);
    while (file.position() < Long.BYTES + headerBytes) {
      file.put((byte) ' ');
    }
    var floats = file.asFloatBuffer();
    tensors.forEach(tensor -> floats.put(tensor.values()));
    return file.array();
  }

  /**
   * The tensors of a file by name, in the order of their values in it. Values may be infinite or
   * not a number.
   *
   * @param origin the file's path, for the message
   * @throws DataFailure if the bytes are no safetensors file of floats, whole and without holes
   */
  public static Map<String, NamedTensor> read(byte[] file, String origin) {
    return new SafeTensorsReader(file, origin).tensors();
  }
}
