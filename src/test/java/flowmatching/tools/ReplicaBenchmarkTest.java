package flowmatching.tools;

import static org.assertj.core.api.Assertions.assertThat;

import flowmatching.Computes;
import flowmatching.means.model.TinyModel;
import org.junit.jupiter.api.Test;

@Computes
class ReplicaBenchmarkTest {
  @Test
  void replicasWithSeveralThreadsAreMeasuredTogether() {
    var rates = new ReplicaBenchmark(TinyModel.settings(1), 2, 4, 1, 2).run();
    assertThat(rates.train()).isPositive().isFinite();
    assertThat(rates.forward()).isPositive().isFinite();
  }
}
