package flowmatching.means.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class RunFilesTest {
  /** A run resumes by these names, on any machine. */
  @Test
  void theNameOfAnEpochHasTheSameDigitsInEveryLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try {
      assertThat("%d".formatted(7)).isNotEqualTo("7");
      assertThat(RunFiles.epoch(7)).isEqualTo("epoch-0007");
    } finally {
      Locale.setDefault(before);
    }
  }
}
