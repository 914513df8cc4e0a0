package flowmatching.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.failure.EnvironmentFailure;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NumericIdentityTest {
  @Test
  void itNamesWhatTheBuildWasMadeOfAndWhatTheProcessRuns() {
    var here = NumericIdentity.use(CpuLibrary.best());

    assertThat(here.dl4j()).startsWith("1.0.0-M2");
    assertThat(here.library()).isEqualTo(CpuLibrary.best());
    assertThat(here.blas()).matches("[A-Za-z0-9]+");
  }

  @Test
  void allThreadsOfAProcessHaveTheSame() {
    var here = NumericIdentity.use(CpuLibrary.best());

    assertThat(
            IntStream.range(0, 1000)
                .parallel()
                .mapToObj(i -> NumericIdentity.use(CpuLibrary.best()))
                .distinct())
        .containsExactly(here);
  }

  @Test
  void aDriverWithOtherKernelsIsNotFollowed() {
    var here = NumericIdentity.use(CpuLibrary.best());
    here.adopt();

    var driver =
        new NumericIdentity(
            here.dl4j(), here.library(), here.processor(), "Other", here.kernelRevision());
    assertThatThrownBy(driver::adopt)
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("blas=Other")
        .hasMessageContaining("processors of one kind");
  }
}
