package flowmatching.base.settings;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A kind of value and how to read one.
 *
 * @param allowed the allowed values, in words that follow "must be"
 * @param standIn an allowed value that replaces a wrong one until all errors are known
 * @param parse the value, or empty if it is not of this kind
 */
record Kind<T>(String allowed, T standIn, Function<ConfigValue, Optional<T>> parse) {
  static final Kind<Boolean> TRUTH =
      string("true or false", text -> text.matches("true|false")).map(Boolean::valueOf);
  static final Kind<String> FOLDER =
      string(
          "a folder, such as runs/train or s3a://bucket/train",
          text -> !text.isBlank() && LocationText.problem(text).isEmpty());
  static final Kind<String> NAME =
      string("a name of letters, digits and -", text -> text.matches("[A-Za-z0-9-]+"));
  static final Kind<LocalDate> DATE =
      words(
          "a date of the form 2026-11-24",
          LocalDate.EPOCH,
          text ->
              Optional.of(LocalDate.parse(text))
                  .filter(date -> date.getYear() >= 0 && date.getYear() <= 9999));
  static final Kind<Long> SEED =
      words("a signed integer of 64 bits", 0L, text -> Optional.of(decimal(text).longValueExact()));
  static final Kind<Double> UP_TO_ONE =
      number("a number above 0 and up to 1", 1, x -> x > 0 && x <= 1);
  static final Kind<Double> BELOW_ONE =
      number("a number from 0 to below 1", 0, x -> x >= 0 && x < 1);
  static final Kind<Double> TIME = number("a number from 0 to 1", 1, x -> x >= 0 && x <= 1);
  static final Kind<Double> TOLERANCE =
      number("a number from 0.000001 to 1", 1, x -> x >= 1e-6 && x <= 1);
  static final Kind<UdpPorts> UDP_PORTS =
      words(
              "a range of ports from 1024 to 65535, such as 40000-40019",
              UdpPorts.ANY,
              UdpPorts::parse)
          .or("any", UdpPorts.ANY);
  static final Kind<Integer> STEPS = integer(1, 10_000);
  static final Kind<Long> IMAGES = integer(1, 1_000_000_000).map(Integer::longValue);
  static final Kind<Long> FIRST_ID = integer(0, 999_999_999).map(Integer::longValue);
  static final Kind<Long> IMAGES_OR_ALL = IMAGES.or("all", Long.MAX_VALUE);

  /** A text that is kept as it is. */
  static Kind<String> string(String allowed, Predicate<String> isAllowed) {
    return words(allowed, "", text -> Optional.of(text).filter(isAllowed));
  }

  private static Kind<Double> number(String allowed, double standIn, Predicate<Double> isAllowed) {
    return words(
        allowed, standIn, text -> Optional.of(decimal(text).doubleValue()).filter(isAllowed));
  }

  static Kind<Integer> integer(int min, int max) {
    return words(
        "an integer from %d to %d".formatted(min, max),
        min,
        text ->
            Optional.of(decimal(text).longValueExact())
                .filter(n -> n >= min && n <= max)
                .map(Math::toIntExact));
  }

  /** Java would also take the digits of other scripts. */
  static BigDecimal decimal(String text) {
    if (!text.matches("\\p{ASCII}*")) {
      throw new NumberFormatException(text);
    }
    return new BigDecimal(text);
  }

  /** One of an enum's constants, written as in {@link #word}. */
  static <E extends Enum<E>> Kind<E> oneOf(Class<E> type) {
    var constants = type.getEnumConstants();
    return words(
        Arrays.stream(constants).map(Kind::word).collect(Collectors.joining(" or ")),
        constants[0],
        text -> Arrays.stream(constants).filter(e -> word(e).equals(text)).findFirst());
  }

  /** A constant as a configuration writes it: {@code PARAMETER_SERVER} is parameter-server. */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  <U> Kind<U> map(Function<T, U> function) {
    return new Kind<>(allowed, function.apply(standIn), value -> parse.apply(value).map(function));
  }

  /** This kind, or a word with the given meaning. */
  Kind<T> or(String word, T meaning) {
    return new Kind<>(
        allowed + ", or " + word,
        standIn,
        value -> word.equals(value.unwrapped()) ? Optional.of(meaning) : parse.apply(value));
  }

  Kind<List<T>> list(int min, int max) {
    return new Kind<>(
        "a list of %d to %d entries, each %s".formatted(min, max, allowed),
        List.of(),
        value -> value instanceof ConfigList entries ? all(entries, min, max) : Optional.empty());
  }

  private Optional<List<T>> all(ConfigList entries, int min, int max) {
    int size = entries.size();
    return Optional.of(entries.stream().map(parse).flatMap(Optional::stream).toList())
        .filter(list -> list.size() == size && size >= min && size <= max);
  }

  /**
   * A kind that is read from the text of a scalar, because an environment variable is always a
   * string. The parser may throw the exceptions of the JDK's parsers.
   */
  static <T> Kind<T> words(String allowed, T standIn, Function<String, Optional<T>> parse) {
    return new Kind<>(
        allowed,
        standIn,
        value -> {
          try {
            return text(value).flatMap(parse);
          } catch (ArithmeticException | DateTimeException | NumberFormatException e) {
            return Optional.empty();
          }
        });
  }

  /** A scalar as it was written: 2026.10 and 2026.1 are the same number but different texts. */
  static Optional<String> text(ConfigValue value) {
    return switch (value.valueType()) {
      case STRING, NUMBER, BOOLEAN -> Optional.of(value.atKey("text").getString("text"));
      case OBJECT, LIST, NULL -> Optional.empty();
    };
  }
}
