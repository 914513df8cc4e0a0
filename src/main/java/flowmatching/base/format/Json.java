package flowmatching.base.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import flowmatching.base.failure.DataFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Records as JSON and back. The same value always gives the same bytes: keys are sorted, and {@code
 * imagesPerS} is written {@code images_per_s}.
 *
 * <p>Reading is strict, since the files may be anyone's: each component of the record must be there
 * once and not null, with a value of its type. Other keys are ignored: a later version of this
 * program may add some that an earlier one can do without.
 */
public final class Json {
  private static final ObjectWriter LINE;
  private static final ObjectWriter PRETTY;
  private static final ObjectReader READER;

  static {
    var mapper =
        JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .disable(MapperFeature.SORT_CREATOR_PROPERTIES_FIRST)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    var indenter = new DefaultIndenter("  ", "\n");
    LINE = mapper.writer();
    PRETTY =
        mapper.writer(
            new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter));
    READER = mapper.reader();
  }

  private Json() {}

  /** The value as a file for people and programs: indented, UTF-8, with a line break at the end. */
  public static byte[] file(Object value) {
    return (text(PRETTY, value) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** The value on one line, without a line break. */
  public static String line(Object value) {
    return text(LINE, value);
  }

  /**
   * The record that the bytes of a JSON file stand for.
   *
   * @param origin the file's path, for the message
   * @throws DataFailure if they are no such record
   */
  public static <T> T parse(byte[] bytes, Class<T> type, String origin) {
    if (bytes.length == 0) {
      throw damaged(origin, "it is empty", null);
    }
    try {
      T value = READER.forType(type).readValue(bytes);
      if (value == null) {
        throw damaged(origin, "it holds null", null);
      }
      return value;
    } catch (JsonProcessingException e) {
      var location = e.getLocation();
      var where =
          location == null
              ? ""
              : " (line %d, column %d)".formatted(location.getLineNr(), location.getColumnNr());
      throw damaged(origin, e.getOriginalMessage() + where, e);
    } catch (IOException e) {
      throw new AssertionError("Bytes in memory can always be read.", e);
    }
  }

  /** The tree of JSON that this program has made itself. */
  public static JsonNode tree(String json) {
    return parse(json.getBytes(StandardCharsets.UTF_8), JsonNode.class, "JSON in memory");
  }

  private static DataFailure damaged(String origin, String what, Exception cause) {
    return new DataFailure(
        "%s is damaged or of another program: %s.".formatted(origin, what), cause);
  }

  private static String text(ObjectWriter writer, Object value) {
    try {
      return writer.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("No JSON can be made of a " + value.getClass(), e);
    }
  }
}
