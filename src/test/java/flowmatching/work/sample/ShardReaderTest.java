package flowmatching.work.sample;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.format.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Shards of other programs. */
class ShardReaderTest {
  private static final byte[] PICTURE = {1, 2, 3};
  private static final byte[] ABOUT = "{\"evaluations\": 40}".getBytes(UTF_8);

  @Test
  void shardsOfSampleTarAreRead() {
    byte[] archive =
        SampleTar.of(
            List.of(
                new EncodedSample(16, new Origin(7, "abc"), PICTURE, 40),
                new EncodedSample(17, new Origin(7, ""), new byte[600], 41)));
    assertThat(ShardReader.read(archive, "a.tar"))
        .usingRecursiveComparison()
        .isEqualTo(
            List.of(
                new StoredImage(16, Optional.of(new Origin(7, "abc")), PICTURE, OptionalInt.of(40)),
                new StoredImage(
                    17, Optional.of(new Origin(7, "")), new byte[600], OptionalInt.of(41))));
  }

  /** Like the archive of {@code tar cf x.tar .}, in the order of the file system. */
  @Test
  void namesMayHaveFolders() {
    byte[] archive =
        archive(
            TarArchiveOutputStream.LONGFILE_ERROR,
            "./",
            "./000000017.json",
            "./000000002.png",
            "./000000017.png",
            "./000000002.json",
            "more/5.PNG",
            "./._5.png",
            "5.json",
            "notes.txt");
    assertThat(ShardReader.read(archive, "a.tar"))
        .usingRecursiveComparison()
        .isEqualTo(
            List.of(
                new StoredImage(2, Optional.empty(), PICTURE, OptionalInt.of(40)),
                new StoredImage(5, Optional.empty(), PICTURE, OptionalInt.empty()),
                new StoredImage(17, Optional.empty(), PICTURE, OptionalInt.of(40))));
  }

  @Test
  void missingEvaluationsAreRefused() {
    byte[] archive =
        archive(TarArchiveOutputStream.LONGFILE_ERROR, "17.png", "17.json", "16.png", "a/16.json");
    assertThatThrownBy(
            () -> RangeObject.TAR.contents(archive, "a.tar", new IdRange(16, 17), identity("{}")))
        .isInstanceOf(DataFailure.class)
        .hasMessageStartingWith("a.tar does not say how many evaluations image 16 took");
  }

  @ParameterizedTest
  @EnumSource
  void imagesOfAnotherRunAreRefused(RangeObject kind) {
    byte[] object = kind.of(List.of(new EncodedSample(16, new Origin(7, "abc"), PICTURE, 40)));
    IdRange range = new IdRange(16, 16);
    for (String same : List.of("{'seed': 7, 'run_sha256': 'abc'}", "{'run_sha256': 'abc'}")) {
      assertThat(kind.contents(object, "a part", range, identity(same))).hasSize(1);
    }
    refused(kind, object, "{'seed': 5, 'run_sha256': 'abc'}", "of the seed 7, but identity.json");
    refused(kind, object, "{'seed': 7, 'run_sha256': 'abd'}", "their run_sha256 is abc, but ident");
    refused(kind, object, "{'seed': 7}", "their run_sha256 is abc, but identity.json has none");
    byte[] former = kind.of(List.of(new EncodedSample(16, new Origin(7, ""), PICTURE, 40)));
    assertThat(kind.contents(former, "a part", range, identity("{'seed': 7}"))).hasSize(1);
    refused(kind, former, "{'seed': 7, 'run_sha256': 'abc'}", "they have no run_sha256, but ident");
  }

  private static void refused(RangeObject kind, byte[] object, String identity, String difference) {
    IdRange range = new IdRange(16, 16);
    assertThatThrownBy(() -> kind.contents(object, "a part", range, identity(identity)))
        .isInstanceOf(DataFailure.class)
        .hasMessageStartingWith("a part holds images of ")
        .hasMessageContaining(difference)
        .hasMessageEndingWith("delete it, and the run makes it again.");
  }

  private static IdentityFile identity(String json) {
    return new IdentityFile((ObjectNode) Json.tree(json.replace('\'', '"')));
  }

  @Test
  void aDamagedJsonFileIsRefused() throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      put(tar, "./17.json", PICTURE);
      put(tar, "./17.png", PICTURE);
    }
    refused(bytes.toByteArray(), "'./17.json' in folder/a.tar is damaged");
  }

  @ParameterizedTest
  @ValueSource(ints = {TarArchiveOutputStream.LONGFILE_GNU, TarArchiveOutputStream.LONGFILE_POSIX})
  void namesMayBeLong(int format) {
    String folder = "a folder with a long name/".repeat(10);
    byte[] archive = archive(format, folder, folder + "000000017.json", folder + "000000017.png");
    assertThat(ShardReader.read(archive, "a.tar"))
        .usingRecursiveComparison()
        .isEqualTo(List.of(new StoredImage(17, Optional.empty(), PICTURE, OptionalInt.of(40))));
  }

  @Test
  void picturesWithoutANumberAreRefused() {
    refused(
        archive(TarArchiveOutputStream.LONGFILE_ERROR, "./1.png", "./contact-sheet.png"),
        "'./contact-sheet.png' in folder/a.tar is not named by the number of an image");
    refused(
        archive(TarArchiveOutputStream.LONGFILE_ERROR, "1234567890123456789.png"),
        "'1234567890123456789.png' in folder/a.tar is not named by the number of an image, of at most 18 digits");
  }

  @Test
  void aDuplicateImageIsRefused() {
    refused(
        archive(TarArchiveOutputStream.LONGFILE_ERROR, "a/000000017.png", "./17.png"),
        "'a/000000017.png' and './17.png' in folder/a.tar are both image 17");
  }

  @Test
  void aLinkIsRefused() throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      var link = new TarArchiveEntry("2.png", TarConstants.LF_LINK);
      link.setLinkName("1.png");
      tar.putArchiveEntry(link);
      tar.closeArchiveEntry();
    }
    refused(bytes.toByteArray(), "'2.png' in folder/a.tar is only a link to '1.png'");
  }

  @Test
  void anArchiveWithoutItsEndIsRefused() {
    byte[] archive = archive(TarArchiveOutputStream.LONGFILE_ERROR, "1.png", "2.png");
    // Each picture has a header and a block; the rest is empty.
    for (int length : new int[] {0, 100, 1024, 1100, 1536, 2048}) {
      refused(Arrays.copyOf(archive, length), "folder/a.tar is a damaged tar file");
    }
  }

  private static void refused(byte[] archive, String sentence) {
    assertThatThrownBy(() -> ShardReader.read(archive, "folder/a.tar"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining(sentence);
  }

  private static byte[] archive(int longNames, String... names) {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      tar.setLongFileMode(longNames);
      for (String name : names) {
        put(tar, name, name.endsWith(".json") ? ABOUT : name.endsWith("/") ? new byte[0] : PICTURE);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void put(TarArchiveOutputStream tar, String name, byte[] content)
      throws IOException {
    var entry = new TarArchiveEntry(name);
    entry.setSize(content.length);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }
}
