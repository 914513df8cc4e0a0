package flowmatching.means.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.means.parameterserver.Endpoint;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PortClaimTest {
  @Test
  void eachProcessHasTheEndpointOfItsOneClaim() {
    assertThat(
            PortClaim.endpoints(List.of("1 ", "2 found ::1 40124", "1 found 10.0.0.7 40123", "2 ")))
        .isEqualTo(Map.of("1", new Endpoint("10.0.0.7", 40_123), "2", new Endpoint("::1", 40_124)));
  }

  @Test
  void allProcessesWithoutAPortAreNamed() {
    List<String> lines = List.of("1 Executor 1 has none.", "2 Executor 2 has none.");
    assertThatThrownBy(() -> PortClaim.endpoints(lines))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContainingAll("Executor 1 has none.", "Executor 2 has none.");
  }
}
