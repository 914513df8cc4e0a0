package flowmatching.base.settings;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A kind of value: what is allowed, in words that follow "must be", and how it is read.
 *
 * @param standIn an allowed value, used in place of one that is not until all errors are known
 * @param parse the value, or empty where it is not of this kind
 * @param hint what is wrong with a value that is not of this kind, if more can be said than what is
 *     allowed
 */
record Kind<T>(
    String allowed,
    T standIn,
    Function<ConfigValue, Optional<T>> parse,
    Function<ConfigValue, Optional<String>> hint) {
  static final Kind<Boolean> TRUTH = words("true or false", false, Kind::parseBoolean);
  static final Kind<String> FOLDER =
      words(
          "a folder, such as runs/train or s3a://bucket/train",
          "",
          text ->
              text.isBlank() || LocationText.problem(text).isPresent()
                  ? Optional.<String>empty()
                  : Optional.of(text),
          LocationText::problem);
  static final Kind<String> NAME =
      words(
          "a name of letters, digits and -",
          "",
          text -> text.matches("[A-Za-z0-9-]+") ? Optional.of(text) : Optional.empty());
  static final Kind<LocalDate> DATE =
      words("a date of the form 2026-11-24", LocalDate.EPOCH, Kind::parseDate);
  static final Kind<Long> SEED = words("an integer of 64 bits with sign", 0L, Kind::parseInteger);
  static final Kind<Double> UP_TO_ONE =
      words(
          "a number above 0 and up to 1",
          1.0,
          text -> parseNumber(text).map(BigDecimal::doubleValue).filter(x -> x > 0 && x <= 1));
  static final Kind<Double> BELOW_ONE =
      words(
          "a number from 0 up to, and without, 1",
          0.0,
          text -> parseNumber(text).map(BigDecimal::doubleValue).filter(x -> x >= 0 && x < 1));
  static final Kind<Double> TIME = number("a number from 0 to 1", 0, 1);
  static final Kind<Double> TOLERANCE = number("a number from 0.000001 to 1", 1e-6, 1);
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

  private static Kind<Double> number(String allowed, double min, double max) {
    return words(
        allowed,
        max,
        text -> parseNumber(text).map(BigDecimal::doubleValue).filter(x -> x >= min && x <= max));
  }

  static Kind<Integer> integer(int min, int max) {
    return words(
        "an integer from %d to %d".formatted(min, max),
        min,
        text -> parseInteger(text).filter(n -> n >= min && n <= max).map(Math::toIntExact));
  }

  /** One of an enum's constants, each written as {@link #word} says. */
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
    return new Kind<>(
        allowed, function.apply(standIn), value -> parse.apply(value).map(function), hint);
  }

  /** This kind, or the word, which stands for the given value. */
  Kind<T> or(String word, T meaning) {
    return new Kind<>(
        allowed + ", or " + word,
        standIn,
        value -> word.equals(value.unwrapped()) ? Optional.of(meaning) : parse.apply(value),
        hint);
  }

  Kind<List<T>> list(int min, int max) {
    return new Kind<>(
        "a list of %d to %d entries, each %s".formatted(min, max, allowed),
        List.of(),
        value -> parseList(value).filter(list -> list.size() >= min && list.size() <= max),
        value -> Optional.empty());
  }

  private Optional<List<T>> parseList(ConfigValue value) {
    if (!(value instanceof ConfigList entries)) {
      return Optional.empty();
    }
    var list = new ArrayList<T>();
    for (var entry : entries) {
      parse.apply(entry).ifPresent(list::add);
    }
    return list.size() == entries.size() ? Optional.of(list) : Optional.empty();
  }

  /** A kind that is read from the text of a scalar: an environment variable is always a string. */
  static <T> Kind<T> words(String allowed, T standIn, Function<String, Optional<T>> parse) {
    return words(allowed, standIn, parse, text -> Optional.empty());
  }

  private static <T> Kind<T> words(
      String allowed,
      T standIn,
      Function<String, Optional<T>> parse,
      Function<String, Optional<String>> hint) {
    return new Kind<>(
        allowed, standIn, value -> text(value).flatMap(parse), value -> text(value).flatMap(hint));
  }

  /** A scalar as it was written: 2026.10 and 2026.1 are one number, and two texts. */
  static Optional<String> text(ConfigValue value) {
    return switch (value.valueType()) {
      case STRING, NUMBER, BOOLEAN -> Optional.of(value.atKey("text").getString("text"));
      case OBJECT, LIST, NULL -> Optional.empty();
    };
  }

  private static Optional<Boolean> parseBoolean(String text) {
    return switch (text) {
      case "true" -> Optional.of(true);
      case "false" -> Optional.of(false);
      default -> Optional.empty();
    };
  }

  private static Optional<LocalDate> parseDate(String text) {
    try {
      return text.length() == "2026-11-24".length()
          ? Optional.of(LocalDate.parse(text))
          : Optional.empty();
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static Optional<Long> parseInteger(String text) {
    try {
      return parseNumber(text).map(BigDecimal::longValueExact);
    } catch (ArithmeticException e) {
      return Optional.empty();
    }
  }

  private static Optional<BigDecimal> parseNumber(String text) {
    try {
      return Optional.of(new BigDecimal(text));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
