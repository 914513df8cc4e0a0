package flowmatching.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;

class SampleTarTest {
  private static final List<EncodedSample> SAMPLES =
      List.of(
          new EncodedSample(16, 7, new byte[] {1, 2, 3}, 40),
          new EncodedSample(17, 7, new byte[600], 40));

  @Test
  void anImageAndItsOriginHaveOneKey() throws IOException {
    Map<String, byte[]> entries = entries(SampleTar.of(SAMPLES));

    assertThat(entries.keySet())
        .containsExactly("000000016.png", "000000016.json", "000000017.png", "000000017.json");
    assertThat(entries.get("000000016.png")).isEqualTo(new byte[] {1, 2, 3});
    assertThat(entries.get("000000017.png")).isEqualTo(new byte[600]);
    assertThat(new String(entries.get("000000016.json"), StandardCharsets.UTF_8))
        .contains("\"id\" : 16", "\"seed\" : 7", "\"evaluations\" : 40");
  }

  @Test
  void theSameSamplesGiveTheSameBytesWithoutClockOrUser() throws IOException {
    assertThat(SampleTar.of(SAMPLES)).isEqualTo(SampleTar.of(SAMPLES));
    try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(SampleTar.of(SAMPLES)))) {
      var entry = tar.getNextTarEntry();
      assertThat(entry.getLastModifiedDate()).hasTime(0);
      assertThat(entry.getUserName()).isEmpty();
      assertThat(entry.getLongUserId()).isZero();
    }
  }

  private static Map<String, byte[]> entries(byte[] archive) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(archive))) {
      for (var entry = tar.getNextTarEntry(); entry != null; entry = tar.getNextTarEntry()) {
        entries.put(entry.getName(), tar.readAllBytes());
      }
    }
    return entries;
  }
}
