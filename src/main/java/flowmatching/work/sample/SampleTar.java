package flowmatching.work.sample;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import flowmatching.base.format.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Samples as a WebDataset shard: a tar archive in which {@code 000000017.png} and {@code
 * 000000017.json} belong to the key 000000017. The same samples give the same bytes: the archive
 * has no time and no user. {@link ShardReader} reads it.
 */
final class SampleTar {
  private SampleTar() {}

  /** The JSON file of an image. */
  private record Facts(long id, @JsonUnwrapped Origin origin, int evaluations) {}

  static byte[] of(List<EncodedSample> samples) {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      for (var sample : samples) {
        var key = String.format(Locale.ROOT, "%09d", sample.id());
        put(tar, key + ".png", sample.png());
        put(
            tar,
            key + ".json",
            Json.file(new Facts(sample.id(), sample.origin(), sample.evaluations())));
      }
    } catch (IOException e) {
      throw new AssertionError("Memory can always be written to.", e);
    }
    return bytes.toByteArray();
  }

  private static void put(TarArchiveOutputStream tar, String name, byte[] content)
      throws IOException {
    var entry = new TarArchiveEntry(name);
    entry.setSize(content.length);
    entry.setModTime(0);
    entry.setIds(0, 0);
    entry.setNames("", "");
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }
}
