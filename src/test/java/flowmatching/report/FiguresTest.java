package flowmatching.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FiguresTest {
  @Test
  void numbersHaveThreeOrFourDigits() {
    assertThat(List.of(448.42, 55.04, 3.456, 0.12345, -12.34).stream().map(Figures::of))
        .containsExactly("448", "55.0", "3.46", "0.1235", "-12.3");
    assertThat(Figures.percent(0.1234)).isEqualTo("12.3 %");
  }

  @Test
  void durationsHaveTwoUnits() {
    assertThat(List.of(4.4, 119.6, 7325.0).stream().map(Figures::duration))
        .containsExactly("0 min 04 s", "2 min 00 s", "2 h 02 min");
  }

  @Test
  void aFewOfManyHaveTheFirstAndTheLast() {
    List<Integer> hundred = IntStream.rangeClosed(1, 100).boxed().toList();
    assertThat(EvenlySpaced.of(hundred, 4)).containsExactly(1, 34, 67, 100);
    assertThat(EvenlySpaced.of(hundred, 100)).isEqualTo(hundred);
    assertThat(EvenlySpaced.of(List.of(1, 2), 4)).containsExactly(1, 2);
  }
}
