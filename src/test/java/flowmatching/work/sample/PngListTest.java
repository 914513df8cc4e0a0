package flowmatching.work.sample;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.DataFailure;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PngListTest {
  private static final byte[] PNG = {1, 2, 3};

  private static final Origin ORIGIN = new Origin(7, "abc");

  private static final byte[] LIST = PngList.of(List.of(new EncodedSample(16, ORIGIN, PNG, 40)));

  @Test
  void theFilesAreReadBack() {
    PngList read = PngList.read(LIST, "a.json");
    assertThat(read.origin()).isEqualTo(ORIGIN);
    assertThat(read.images())
        .containsExactly(new PngList.Entry(16, 40, DigestUtils.sha256Hex(PNG)));
    assertThat(ImageNames.ofFile(16)).isEqualTo("png/16.png");
  }

  @ParameterizedTest
  @CsvSource({
    "'\"format_version\" : 1', '\"format_version\" : 2', has format version 2",
    "'\"format_version\" : 1', '\"format_version\" : 1.5', has format version 1.5",
    "'\"id\"', '\"number\"', is damaged or belongs to another program",
    "'}\n', '', is damaged or belongs to another program"
  })
  void otherContentIsRefused(String text, String replacement, String message) {
    byte[] wrong = new String(LIST, UTF_8).replace(text, replacement).getBytes(UTF_8);
    assertThatThrownBy(() -> PngList.read(wrong, "a.json"))
        .isInstanceOf(DataFailure.class)
        .hasMessageStartingWith("a.json " + message);
  }
}
