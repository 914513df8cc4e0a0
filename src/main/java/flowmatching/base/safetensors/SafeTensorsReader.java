package flowmatching.base.safetensors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.base.failure.DataFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Reads one untrusted safetensors file. Every message names its origin. */
final class SafeTensorsReader {
  private static final Set<String> KEYS = Set.of("dtype", "shape", "data_offsets");

  private final ByteBuffer file;
  private final Predicate<String> isNeeded;
  private final String origin;

  SafeTensorsReader(byte[] file, Predicate<String> isNeeded, String origin) {
    this.file = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    this.isNeeded = isNeeded;
    this.origin = origin;
  }

  /** See {@link SafeTensors#read}. */
  Map<String, NamedTensor> tensors() {
    var header = header();
    var entries = new ArrayList<Entry>();
    for (var field : header.properties()) {
      if (field.getKey().equals(SafeTensors.METADATA)) {
        checkMetadata(field.getValue());
      } else {
        entries.add(entry(field.getKey(), field.getValue()));
      }
    }
    entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    checkCoverage(entries);

    var tensors = new LinkedHashMap<String, NamedTensor>();
    for (var entry : entries) {
      var values = new float[(int) ((entry.end - entry.begin) / entry.type.bytes)];
      for (int i = 0; i < values.length; i++) {
        values[i] = entry.type.next(file);
      }
      tensors.put(entry.name, new NamedTensor(entry.name, entry.shape, values));
    }
    return tensors;
  }

  /** Reads the header and moves the file's position to the first value. */
  private JsonNode header() {
    if (file.remaining() < Long.BYTES) {
      throw broken(
          "it has %d bytes, but the length of the header alone has 8".formatted(file.limit()));
    }
    var length = file.getLong();
    if (length < 0 || length > SafeTensors.MAX_HEADER_BYTES || length > file.remaining()) {
      throw broken(
          "its header should have %s bytes; the file has %d more, and at most %d are allowed"
              .formatted(
                  Long.toUnsignedString(length), file.remaining(), SafeTensors.MAX_HEADER_BYTES));
    }
    try {
      var header = SafeTensors.JSON.readTree(file.array(), file.position(), (int) length);
      if (!header.isObject()) {
        throw broken("its header is not a JSON object");
      }
      file.position(file.position() + (int) length);
      return header;
    } catch (JsonProcessingException e) {
      // Jackson adds where an unclosed bracket is, in terms of its own classes.
      String words = e.getOriginalMessage().replaceFirst(" \\(start marker [\\s\\S]*", "");
      throw broken("its header is not JSON: " + words, e);
    } catch (IOException e) {
      throw broken("its header is not UTF-8: " + e.getMessage(), e);
    }
  }

  private void checkMetadata(JsonNode metadata) {
    if (!metadata.isObject()) {
      throw broken("__metadata__ is not an object");
    }
    for (var field : metadata.properties()) {
      if (!field.getValue().isTextual()) {
        throw broken("the value of '%s' in __metadata__ is not a string".formatted(field.getKey()));
      }
    }
  }

  private Entry entry(String name, JsonNode entry) {
    var keys = new ArrayList<String>();
    entry.fieldNames().forEachRemaining(keys::add);
    if (!KEYS.equals(Set.copyOf(keys))) {
      throw broken("tensor '%s' has the keys %s instead of %s".formatted(name, keys, KEYS));
    }
    var type = FloatType.of(entry.get("dtype").asText());
    if (type.isEmpty()) {
      var fix =
          isNeeded.test(name)
              ? "save it as 32-bit floats (F32)"
              : "the network has no such tensor: remove it from the file";
      throw broken("tensor '%s' has the type %s; %s".formatted(name, entry.get("dtype"), fix));
    }
    var shape = numbers(name, "shape", entry.get("shape"));
    var offsets = numbers(name, "data_offsets", entry.get("data_offsets"));
    if (offsets.size() != 2) {
      throw broken("tensor '%s' has %d data_offsets, not 2".formatted(name, offsets.size()));
    }
    var read = new Entry(name, type.get(), shape, offsets.get(0), offsets.get(1));
    if (read.end - read.begin != bytes(read)) {
      throw broken(
          "tensor '%s' of shape %s needs %d bytes, but has the bytes from %d to %d"
              .formatted(name, shape, bytes(read), read.begin, read.end));
    }
    return read;
  }

  private List<Long> numbers(String name, String key, JsonNode array) {
    if (!array.isArray()) {
      throw broken("%s of tensor '%s' is not a list".formatted(key, name));
    }
    var numbers = new ArrayList<Long>(array.size());
    for (var number : array) {
      if (!number.isIntegralNumber() || !number.canConvertToLong() || number.longValue() < 0) {
        throw broken(
            "%s of tensor '%s' has %s, which is not an integer from 0 to 2^63 - 1"
                .formatted(key, name, number));
      }
      numbers.add(number.longValue());
    }
    return numbers;
  }

  private long bytes(Entry entry) {
    try {
      var bytes = (long) entry.type.bytes;
      for (var dimension : entry.shape) {
        bytes = Math.multiplyExact(bytes, dimension);
      }
      return bytes;
    } catch (ArithmeticException e) {
      throw broken("tensor '%s' of shape %s is too large".formatted(entry.name, entry.shape), e);
    }
  }

  /** The values of the tensors follow each other without gaps and end with the file. */
  private void checkCoverage(List<Entry> entries) {
    var offset = 0L;
    for (var entry : entries) {
      if (entry.begin != offset) {
        throw broken(
            "the values of tensor '%s' start at %d instead of %d"
                .formatted(entry.name, entry.begin, offset));
      }
      offset = entry.end;
    }
    if (offset != file.remaining()) {
      throw broken(
          "its tensors have %d bytes, but %d follow the header"
              .formatted(offset, file.remaining()));
    }
  }

  private DataFailure broken(String what) {
    return broken(what, null);
  }

  private DataFailure broken(String what, Exception cause) {
    return new DataFailure(
        "%s is not a complete safetensors file of floats: %s.".formatted(origin, what), cause);
  }

  /** The values are the bytes from begin to end - 1, counted from the end of the header. */
  private record Entry(String name, FloatType type, List<Long> shape, long begin, long end) {}
}
