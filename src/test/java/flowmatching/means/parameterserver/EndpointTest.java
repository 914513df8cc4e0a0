package flowmatching.means.parameterserver;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.7, 10.0.0.7:40123",
    "localhost, localhost:40123",
    "::1, [::1]:40123",
    "2001:db8:0:0:0:0:0:7, [2001:db8:0:0:0:0:0:7]:40123"
  })
  void anIpv6AddressIsInBracketsInFrontOfAPort(String host, String text) {
    Endpoint endpoint = new Endpoint(host, 40_123);
    assertThat(endpoint).hasToString(text);
    assertThat(endpoint.id()).isEqualTo("aeron:udp?endpoint=" + text);
  }
}
