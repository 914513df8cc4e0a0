package flowmatching.base.format;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
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
import com.fasterxml.jackson.databind.module.SimpleModule;
import flowmatching.base.failure.DataFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Writes records as JSON and reads them. Equal values have equal bytes: keys are sorted, and {@code
 * imagesPerS} is written {@code images_per_s}.
 *
 * <p>Reading is strict because files are not trusted: each component of the record must occur once,
 * with a value of its type other than null, and numbers are finite. Other keys are ignored, because
 * later versions of this program may add optional ones.
 */
public final class Json {
  private static final ObjectWriter LINE;
  private static final ObjectWriter PRETTY;
  private static final ObjectReader READER;
  private static final ObjectReader TOLERANT_READER;

  static {
    var mapper =
        JsonMapper.builder()
            .addModule(
                new SimpleModule()
                    .addDeserializer(Double.TYPE, new FiniteDouble(Double.TYPE, 0.0))
                    .addDeserializer(Double.class, new FiniteDouble(Double.class, null)))
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
    var empty = JsonSetter.Value.construct(Nulls.AS_EMPTY, Nulls.FAIL);
    TOLERANT_READER =
        mapper
            .rebuild()
            .disable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .withConfigOverride(String.class, texts -> texts.setSetterInfo(empty))
            .withConfigOverride(List.class, lists -> lists.setSetterInfo(empty))
            .withConfigOverride(Map.class, maps -> maps.setSetterInfo(empty))
            .build()
            .reader();
  }

  private Json() {}

  /** The value as a file: indented, in UTF-8, with a line break at the end. */
  public static byte[] file(Object value) {
    return (text(PRETTY, value) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** The value on one line, without a line break. */
  public static String line(Object value) {
    return text(LINE, value);
  }

  /**
   * The record in a JSON file.
   *
   * @param origin the file's path, for the message
   * @throws DataFailure if the bytes are not such a record
   */
  public static <T> T parse(byte[] bytes, Class<T> type, String origin) {
    return parse(READER, bytes, type, origin);
  }

  /**
   * As {@link #parse}, for a file that an earlier version may have written: a text, list or map
   * that is missing or null is empty. Numbers and records must be there.
   */
  public static <T> T parseTolerantly(byte[] bytes, Class<T> type, String origin) {
    return parse(TOLERANT_READER, bytes, type, origin);
  }

  private static <T> T parse(ObjectReader reader, byte[] bytes, Class<T> type, String origin) {
    if (bytes.length == 0) {
      throw damaged(origin, "it is empty", null);
    }
    try {
      T value = reader.forType(type).readValue(bytes);
      if (value == null) {
        throw damaged(origin, "it contains only null", null);
      }
      return value;
    } catch (JsonProcessingException e) {
      throw damaged(origin, JsonFault.of(e), e);
    } catch (IOException e) {
      throw new AssertionError("Bytes in memory can always be read.", e);
    }
  }

  /** The tree of JSON that this program wrote. */
  public static JsonNode tree(String json) {
    return parse(json.getBytes(StandardCharsets.UTF_8), JsonNode.class, "JSON in memory");
  }

  private static DataFailure damaged(String origin, String what, Exception cause) {
    return new DataFailure(
        "%s is damaged or belongs to another program: %s.".formatted(origin, what), cause);
  }

  private static String text(ObjectWriter writer, Object value) {
    try {
      return writer.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Cannot write as JSON: " + value.getClass(), e);
    }
  }
}
