package flowmatching.base.format;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.std.NumberDeserializers;
import java.io.IOException;

/** Refuses a number that a double cannot hold, such as 1e999, which Jackson reads as infinity. */
final class FiniteDouble extends NumberDeserializers.DoubleDeserializer {
  private static final long serialVersionUID = 1L;

  FiniteDouble(Class<Double> type, Double valueOfNull) {
    super(type, valueOfNull);
  }

  @Override
  public Double deserialize(JsonParser parser, DeserializationContext context) throws IOException {
    boolean number = parser.currentToken().isNumeric();
    Double value = super.deserialize(parser, context);
    if (number && value.isInfinite()) {
      throw context.weirdNumberException(value, handledType(), "too large");
    }
    return value;
  }
}
