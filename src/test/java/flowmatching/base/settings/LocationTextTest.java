package flowmatching.base.settings;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.EnvironmentFailure;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocationTextTest {
  @ParameterizedTest
  @ValueSource(strings = {"runs/\u00fcber", "file:///runs/\u00fcber", "file:/runs/%C3%BCber"})
  void aLocalNameOutsideTheEncodingIsRefused(String location) {
    var uri = URI.create(location);

    assertThatThrownBy(() -> LocationText.checkEncodable(uri, US_ASCII))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("runs/\u00fcber has characters outside the encoding of file names")
        .hasMessageContaining("US-ASCII: set LC_ALL=C.UTF-8 in the environment");
    assertThatCode(() -> LocationText.checkEncodable(uri, UTF_8)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3a://bucket/\u00fcber", "hdfs://host/\u00fcber", "runs/a"})
  void remoteAndEncodableNamesAreAccepted(String location) {
    assertThatCode(() -> LocationText.checkEncodable(URI.create(location), US_ASCII))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3a://key:secret@bucket/x",
        "s3a://key:se/cr@et@bucket/x",
        "s3a://key:1/secret@bucket/x",
        "s3a://key:se cret@bucket/x",
        "hdfs://user:8020x/y@host/x",
        "https://user:1234567/y@host/x"
      })
  void credentialsAreNotShown(String location) {
    String scheme = location.substring(0, location.indexOf("://"));

    assertThat(LocationText.problem(location).orElseThrow()).contains("credentials");
    assertThat(LocationText.withoutCredentials(location))
        .matches(scheme + "://\\.\\.\\.@(bucket|host)/x");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hdfs://host:8020/a@b",
        "hdfs://[::1]:8020/a@b",
        "hdfs://host:8020",
        "s3a://bucket/a@b:c@d",
        "runs/a:b@c"
      })
  void aPortIsNotAPassword(String location) {
    assertThat(LocationText.problem(location)).isEmpty();
    assertThat(LocationText.withoutCredentials(location)).isEqualTo(location);
  }

  @Test
  void aTextWithLostCharactersIsRefused() {
    for (var lost : List.of("runs/\uFFFD\uFFFDber", "runs/??ber")) {
      assertThat(LocationText.problem(lost, US_ASCII).orElseThrow())
          .startsWith(
              "characters in it were lost because the encoding of this process is US-ASCII");
    }
    assertThat(LocationText.problem("runs/\uFFFD", UTF_8)).isPresent();
    assertThat(LocationText.problem("runs/??ber", UTF_8)).isEmpty();
    assertThat(LocationText.problem("runs/uber", US_ASCII)).isEmpty();
  }
}
