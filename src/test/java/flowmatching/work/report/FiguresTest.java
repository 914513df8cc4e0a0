package flowmatching.work.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class FiguresTest {
  @Test
  void numbersHaveFourSignificantDigits() {
    assertThat(
            DoubleStream.of(
                    448.42, 55.04, 3.4561, 0.12345, 99.996, 999.96, 2, 0, -0.00001, 123456.7)
                .mapToObj(Figures::of))
        .containsExactly(
            "448.4", "55.04", "3.456", "0.1235", "100", "1,000", "2", "0", "-0.00001", "123,457");
    assertThat(Figures.of(Double.NaN)).isEqualTo("NaN");
    assertThat(Figures.percent(0.1234)).isEqualTo("12.3 %");
  }

  @Test
  void doNotDependOnTheLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      assertThat(Figures.of(3.5)).isEqualTo("3.5");
      assertThat(Figures.count(10_000)).isEqualTo("10,000");
      assertThat(Figures.percent(0.5)).isEqualTo("50.0 %");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void durationsHaveTwoUnits() {
    assertThat(DoubleStream.of(4.4, 119.6, 7325).mapToObj(Figures::duration))
        .containsExactly("0 min 04 s", "2 min 00 s", "2 h 02 min");
  }

  @Test
  void anIntervalHasTwoEnds() {
    assertThat(Figures.interval(List.of(48.94, 52.8))).isEqualTo("48.94 to 52.8");
    assertThat(Figures.interval(List.of())).isEmpty();
  }
}
