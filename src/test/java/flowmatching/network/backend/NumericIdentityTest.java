package flowmatching.network.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.Computes;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.Precision;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@Computes
class NumericIdentityTest {
  @Test
  void itHasTheVersionsOfTheBuildAndTheLibraryOfTheProcess() {
    var here = NumericIdentity.useBest(Precision.FLOAT32);

    assertThat(here.dl4j()).startsWith("1.0.0-M");
    assertThat(here.library()).isEqualTo(Library.best());
    assertThat(here.blas()).matches("[A-Za-z0-9]+");
  }

  @Test
  void allThreadsOfAProcessHaveTheSameIdentity() {
    var library = Library.best();
    var here = NumericIdentity.use(library, List.of(), Precision.FLOAT32);

    assertThat(
            IntStream.range(0, 1000)
                .parallel()
                .mapToObj(i -> NumericIdentity.use(library, List.of(), Precision.FLOAT32))
                .distinct())
        .containsExactly(here);
  }

  @Test
  void anExecutorRefusesADriverWithOtherKernels() {
    var here = NumericIdentity.useBest(Precision.FLOAT32);
    here.adopt(List.of());

    var driver =
        new NumericIdentity(
            here.dl4j(),
            here.library(),
            here.processor(),
            "Other",
            here.oneDnn(),
            here.precision(),
            here.kernelRevision());
    assertThatThrownBy(() -> driver.adopt(List.of()))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageStartingWith("An executor uses different numerics from the driver")
        .hasMessageContaining("blas=Other")
        .hasMessageContaining("GPUs, of one kind");
  }
}
