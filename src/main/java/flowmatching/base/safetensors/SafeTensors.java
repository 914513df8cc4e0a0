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
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes and reads tensors as <a href="https://huggingface.co/docs/safetensors">safetensors</a>
 * files: the header's length in 8 bytes, a JSON header, then the values, all little-endian.
 *
 * <p>Values are written as 32-bit floats. Floats of 16 and 64 bits are read as the nearest 32-bit
 * floats. Files are not trusted: sizes are checked against the file's length before memory is
 * allocated.
 */
public final class SafeTensors {
  static final String METADATA = "__metadata__";

  /** Enough for some 30,000 tensors, more than any network has. */
  static final int MAX_HEADER_BYTES = 4 << 20;

  static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private SafeTensors() {}

  /**
   * The file of the tensors, in the order of the list. Equal arguments give equal bytes.
   *
   * @param metadata entries of the header for the whole file, such as {@code format} = {@code pt}
   * @throws IllegalArgumentException if two tensors have the same name, or the file would be larger
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
        throw new IllegalArgumentException("Two tensors have the name " + tensor.name());
      }
      var end = offset + (long) Float.BYTES * tensor.values().length;
      var entry = header.putObject(tensor.name()).put("dtype", FloatType.F32.name());
      entry.set("shape", JSON.valueToTree(tensor.shape()));
      entry.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    // As in the reference implementation, the values begin at a multiple of 8 bytes.
    var json = header.toString().getBytes(StandardCharsets.UTF_8);
    var headerBytes = (json.length + Long.BYTES - 1) / Long.BYTES * Long.BYTES;
    if (headerBytes > MAX_HEADER_BYTES || Long.BYTES + headerBytes + offset > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "The tensors need %d bytes of header and %d bytes of values, more than a file can hold"
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
   * The tensors of a file by name, in the order of their values in the file. Values may be infinite
   * or NaN.
   *
   * @param origin the file's path, for the message
   * @throws DataFailure if the bytes are not a complete safetensors file of floats without gaps
   */
  public static Map<String, NamedTensor> read(byte[] file, String origin) {
    return new SafeTensorsReader(file, name -> true, origin).tensors();
  }

  /**
   * As {@link #read(byte[], String)}, for a reader that needs only some tensors: a message about
   * the type of another says to remove it.
   */
  public static Map<String, NamedTensor> read(byte[] file, Set<String> needed, String origin) {
    return new SafeTensorsReader(file, needed::contains, origin).tensors();
  }
}
