package flowmatching.means.storage;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.EnvironmentFailure;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreClientTest {
  @Test
  void theBuildsSparkHomeHasAClientOfTheRightVersion() {
    assertThatCode(() -> StoreClient.check(URI.create("s3a://bucket/run"), new Configuration()))
        .doesNotThrowAnyException();
  }

  @Test
  void anotherVersionIsRefused() {
    assertThatThrownBy(() -> StoreClient.check("3.3.4", "3.3.6"))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("Hadoop, which is 3.3.6, and the Spark home has 3.3.4")
        .hasMessageContaining("put hadoop-aws-3.3.6.jar there");
  }

  @Test
  void aClientWithoutAVersionIsAccepted() {
    assertThatCode(() -> StoreClient.check("", "3.3.6")).doesNotThrowAnyException();
  }

  @Test
  void aMissingClientIsRefused() {
    assertThatThrownBy(() -> StoreClient.check("none", "3.3.6"))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("the Spark home has none");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3a://my_bucket/x",
        "s3a:///x",
        "s3a://a..b/x",
        "s3a://-b/x",
        "s3a://logs.2026/x"
      })
  void aUriWithoutAValidBucketIsRefused(String uri) {
    assertThatThrownBy(() -> StoreClient.check(URI.create(uri), new Configuration()))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageStartingWith(uri + " has no valid bucket: write s3a://")
        .hasMessageContaining("3 to 63 lower-case letters, digits, dots and hyphens")
        .hasMessageEndingWith("the part after its last dot must begin with a letter.");
  }

  @Test
  void theMessageHidesCredentials() {
    assertThatThrownBy(
            () -> StoreClient.check(URI.create("s3a://key:ab/cd@bucket/x"), new Configuration()))
        .hasMessageStartingWith("s3a://...@bucket/x has no valid bucket");
  }
}
