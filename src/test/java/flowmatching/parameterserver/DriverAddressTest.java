package flowmatching.parameterserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.failure.EnvironmentFailure;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class DriverAddressTest {
  @Test
  void isSparksOwnWithItsNetwork() {
    assertThat(of("localhost")).isEqualTo(new DriverAddress("127.0.0.1", "127.0.0.1/8"));
  }

  @Test
  void anAddressThatNoInterfaceHasIsASentence() {
    assertThatThrownBy(() -> of("192.0.2.1"))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("spark.driver.host = 192.0.2.1")
        .hasMessageContaining("no network interface has it");
  }

  private static DriverAddress of(String host) {
    return DriverAddress.of(new SparkConf(false).set("spark.driver.host", host));
  }
}
