package flowmatching.base.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class Sha256Test {
  /** The one-block example of FIPS 180-2. */
  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @Test
  void theStandardsExampleHasItsDigest() {
    assertThat(Sha256.of("abc".getBytes(UTF_8))).isEqualTo(ABC);
  }

  @Test
  void aStreamHasTheDigestOfItsBytes() throws IOException {
    assertThat(Sha256.of(new ByteArrayInputStream("abc".getBytes(UTF_8)))).isEqualTo(ABC);
    var large = new byte[200_000];
    assertThat(Sha256.of(new ByteArrayInputStream(large))).isEqualTo(Sha256.of(large));
  }
}
