package flowmatching.work.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.DataFailure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SampleTarTest {
  private static final Origin ORIGIN = new Origin(7, "abc");

  private static final List<EncodedSample> SAMPLES =
      List.of(
          new EncodedSample(16, ORIGIN, new byte[] {1, 2, 3}, 40),
          new EncodedSample(17, ORIGIN, new byte[600], 40));

  @Test
  void anImageAndItsOriginHaveOneKey() throws IOException {
    Map<String, byte[]> entries = entries(SampleTar.of(SAMPLES));

    assertThat(entries.keySet())
        .containsExactly("000000016.png", "000000016.json", "000000017.png", "000000017.json");
    assertThat(entries.get("000000016.png")).isEqualTo(new byte[] {1, 2, 3});
    assertThat(entries.get("000000017.png")).isEqualTo(new byte[600]);
    assertThat(new String(entries.get("000000016.json"), StandardCharsets.UTF_8))
        .contains(
            "\"id\" : 16", "\"seed\" : 7", "\"run_sha256\" : \"abc\"", "\"evaluations\" : 40");
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

  @Test
  void namesHaveTheSameDigitsInEveryLocale() throws IOException {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("fa-IR"));
    try {
      assertThat("%d".formatted(7)).isNotEqualTo("7");
      assertThat(entries(SampleTar.of(SAMPLES))).containsKeys("000000016.png", "000000017.json");
      assertThat(RangeObject.TAR.name(new IdRange(8, 15)))
          .isEqualTo("part-000000008-000000015.tar");
      assertThat(ImageNames.ofFile(16)).isEqualTo("png/16.png");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void theSamplesAreReadBack() {
    assertThat(ShardReader.read(SampleTar.of(SAMPLES), "a.tar"))
        .usingRecursiveComparison()
        .isEqualTo(
            List.of(
                new StoredImage(16, Optional.of(ORIGIN), new byte[] {1, 2, 3}, OptionalInt.of(40)),
                new StoredImage(17, Optional.of(ORIGIN), new byte[600], OptionalInt.of(40))));
  }

  @ParameterizedTest
  @ValueSource(ints = {600, 1024, 1536, 2600})
  void aTruncatedShardIsRefused(int bytes) {
    byte[] cut = Arrays.copyOf(SampleTar.of(SAMPLES), bytes);
    assertThatThrownBy(() -> ShardReader.read(cut, "a.tar"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("a.tar is a damaged tar file");
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
