package flowmatching.tools;

import static org.assertj.core.api.Assertions.assertThat;

import flowmatching.Computes;
import flowmatching.base.settings.Precision;
import flowmatching.means.model.TinyModel;
import flowmatching.network.backend.Library;
import org.junit.jupiter.api.Test;

@Computes
class ReplicaBenchmarkTest {
  @Test
  void replicasWithSeveralThreadsAreMeasuredTogether() {
    var result = new ReplicaBenchmark(TinyModel.settings(1), Precision.FLOAT32, 2, 4, 1, 2).run();
    assertThat(result.rates().train()).isPositive().isFinite();
    assertThat(result.rates().forward()).isPositive().isFinite();
    if (Library.best() != Library.CUDA) {
      assertThat(result.limit().train()).isPositive().isFinite();
      assertThat(result.byKind()).containsKeys("convolutions", "attention", "layouts");
    }
  }
}
