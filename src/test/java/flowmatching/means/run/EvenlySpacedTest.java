package flowmatching.means.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EvenlySpacedTest {
  @Test
  void includesTheFirstAndTheLast() {
    List<Integer> hundred = IntStream.rangeClosed(1, 100).boxed().toList();
    assertThat(EvenlySpaced.of(hundred, 4)).containsExactly(1, 34, 67, 100);
    assertThat(EvenlySpaced.of(hundred, 2)).containsExactly(1, 100);
    assertThat(EvenlySpaced.of(hundred, 100)).isEqualTo(hundred);
    assertThat(EvenlySpaced.of(List.of(1, 2), 4)).containsExactly(1, 2);
  }
}
