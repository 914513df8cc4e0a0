package flowmatching.means.data;

import static flowmatching.means.data.IdxFixture.gzip;
import static flowmatching.means.data.IdxFixture.idx;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.DataFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.conf.Configuration;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdxFileTest {
  private static final Configuration HADOOP = new Configuration();
  private static final int IMAGES = 3;

  @TempDir private Path folder;

  /** Checks and reads a whole file of grey images, as the driver does before training. */
  private String read(String name, byte[] content) throws IOException {
    return inspect(name, content, IMAGES).sha256(HADOOP);
  }

  private IdxFile inspect(String name, byte[] content, int dimensions) throws IOException {
    var path = new org.apache.hadoop.fs.Path(Files.write(folder.resolve(name), content).toUri());
    return IdxFile.inspect(path.getFileSystem(HADOOP).getFileStatus(path), dimensions, HADOOP);
  }

  private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(
      String name, byte[] content) {
    return assertThatThrownBy(() -> read(name, content))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining(folder.resolve(name).toString());
  }

  private static byte[] patched(byte[] content, int offset, int... values) {
    for (int i = 0; i < values.length; i++) {
      content[offset + i] = (byte) values[i];
    }
    return content;
  }

  @Test
  void digestIsOfTheUncompressedFile() throws IOException {
    byte[] file = idx(200_000, 2, 1000, 100);

    assertThat(read("plain", file)).isEqualTo(DigestUtils.sha256Hex(file));
    assertThat(read("compressed.gz", gzip(file))).isEqualTo(DigestUtils.sha256Hex(file));
  }

  @Test
  void gzipWithSeveralMembersIsOneFile() throws IOException {
    byte[] file = idx(150, 10, 3, 5);
    byte[] first = gzip(Arrays.copyOf(file, 50));
    byte[] second = gzip(Arrays.copyOfRange(file, 50, file.length));
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);

    assertThat(read("members.gz", both)).isEqualTo(DigestUtils.sha256Hex(file));
  }

  @Test
  void headerHasTheShape() throws IOException {
    var header = inspect("colour", idx(120, 2, 3, 4, 5), 4).header();

    assertThat(header.dimensions()).isEqualTo(List.of(2, 3, 4, 5));
    assertThat(header.records()).isEqualTo(2);
    assertThat(header.recordLength()).isEqualTo(60);
    assertThat(header.offset(1)).isEqualTo(20 + 60);
  }

  @Test
  void truncatedPlainFileIsRefusedWithOffset() {
    assertRefused("short", idx(149, 10, 3, 5))
        .hasMessageContaining(
            "byte 165: found a file of 165 bytes, expected 166 bytes for dimensions [10, 3, 5]");
  }

  @Test
  void tooLongPlainFileIsRefusedWithOffset() {
    assertRefused("long", idx(151, 10, 3, 5))
        .hasMessageContaining("byte 166: found a file of 167 bytes, expected 166 bytes");
  }

  @Test
  void fileThatEndsInItsHeaderIsRefused() {
    assertRefused("stub", Arrays.copyOf(idx(150, 10, 3, 5), 10))
        .hasMessageContaining("byte 10: found the end of the file, expected 2 more bytes");
    assertRefused("empty", new byte[0])
        .hasMessageContaining("byte 0: found the end of the file, expected 4 more bytes");
  }

  @Test
  void wrongMagicNumberIsRefused() {
    assertRefused("text", "a text file, no images".getBytes(StandardCharsets.US_ASCII))
        .hasMessageContaining("byte 0: found 0x6120, expected 0x0000");
  }

  @Test
  void gzipWithoutItsSuffixIsRefused() throws IOException {
    assertRefused("packed", gzip(idx(150, 10, 3, 5)))
        .hasMessageContaining("byte 0: found 0x1f8b, expected 0x0000")
        .hasMessageContaining("add .gz to its name");
  }

  @Test
  void aFileThatIsCompressedTwiceIsRefused() throws IOException {
    assertRefused("twice.gz", gzip(gzip(idx(150, 10, 3, 5))))
        .hasMessageContaining("is compressed twice: decompress it once")
        .hasMessageNotContaining("add .gz");
  }

  @Test
  void wrongElementTypeIsRefused() {
    assertRefused("floats", patched(idx(150, 10, 3, 5), 2, 0x0d))
        .hasMessageContaining("byte 2: found element type 0x0d, expected 0x08")
        .hasMessageContaining("as unsigned bytes")
        .hasMessageNotContainingAny("damaged", "QMNIST");
  }

  @Test
  void qmnistLabelsAreExplained() {
    assertThatThrownBy(() -> inspect("labels", patched(idx(320, 10, 8), 2, 0x0c), 1))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("byte 2: found element type 0x0c, expected 0x08")
        .hasMessageContaining("QMNIST's labels are [N, 8] of 32-bit integers")
        .hasMessageNotContaining("damaged");
  }

  @Test
  void imagesNamedWithOtherDimensionsAreNotReportedAsDamage() {
    assertRefused("colour", idx(90, 2, 3, 3, 5))
        .hasMessageContaining("byte 3: found 4 dimensions (images with channels), expected 3")
        .hasMessageContaining("rename the file to idx4")
        .hasMessageNotContaining("damaged");
  }

  @Test
  void wrongNumberOfDimensionsIsRefused() {
    assertRefused("flat", idx(150, 10, 15))
        .hasMessageContaining("byte 3: found 2 dimensions, expected 3 dimensions (grey images)");
  }

  @Test
  void labelsInsteadOfImagesAreRefused() {
    assertRefused("labels", idx(10, 10))
        .hasMessageContaining("byte 3: found 1 dimension (labels), expected 3 dimensions");
  }

  @Test
  void zeroImagesAreRefused() {
    assertRefused("none", idx(0, 0, 28, 28))
        .hasMessageContaining("byte 4: found dimension 1 of 3 to be 0, expected 1 to 2147483647");
  }

  @ParameterizedTest
  @CsvSource({"8, dimension 2 of 3 to be 4294967295", "12, dimension 3 of 3 to be 4294967295"})
  void dimensionBeyondAnIntegerIsRefused(int offset, String found) {
    assertRefused("huge", patched(idx(150, 10, 3, 5), offset, 0xff, 0xff, 0xff, 0xff))
        .hasMessageContaining("byte %d: found %s", offset, found);
  }

  @Test
  void dimensionsWhoseProductOverflowsAreRefused() {
    // In a long, 2^30 * 2^30 * 2^30 would be 0.
    assertRefused("overflow", idx(0, 1 << 30, 1 << 30, 1 << 30))
        .hasMessageContaining("byte 12: found images of shape [1073741824, 1073741824]");
  }

  @Test
  void lengthBeyondAnIntegerIsComputedExactly() {
    assertRefused("many", idx(0, Integer.MAX_VALUE, 1 << 15, 1 << 15))
        .hasMessageContaining("expected 2305843008139952144 bytes");
  }

  @Test
  void truncatedGzipIsRefusedWithFileAndOffset() throws IOException {
    byte[] whole = gzip(idx(150, 10, 3, 5));

    for (int cut : new int[] {1, 8, 20, whole.length - 15}) {
      assertRefused("cut.gz", Arrays.copyOf(whole, whole.length - cut))
          .hasMessageContaining("(uncompressed)")
          .hasMessageContaining("it ends too early");
    }
  }

  @Test
  void corruptGzipChecksumIsRefused() throws IOException {
    byte[] corrupt = gzip(idx(150, 10, 3, 5));
    corrupt[corrupt.length - 8] ^= 1;

    assertRefused("crc.gz", corrupt)
        .hasMessageContaining("from byte 0 (uncompressed)")
        .hasMessageContaining("CRC32 error");
  }

  @Test
  void corruptGzipBodyIsRefused() throws IOException {
    byte[] corrupt = gzip(idx(150, 10, 3, 5));

    // The first bits of the body select a block type that does not exist.
    assertRefused("body.gz", patched(corrupt, 10, 0x07))
        .hasMessageContaining("cannot be read from byte 0 (uncompressed)")
        .hasMessageContaining("corrupt");
  }

  @Test
  void plainFileWithGzipSuffixIsRefused() {
    assertRefused("plain.gz", idx(150, 10, 3, 5))
        .hasMessageContaining("byte 0 (uncompressed): Input is not in the .gz format")
        .hasMessageContaining("remove .gz from its name");
  }

  @Test
  void emptyFileIsNotGzip() {
    assertRefused("empty.gz", new byte[0])
        .hasMessageContaining("byte 0 (uncompressed)")
        .hasMessageNotContaining("remove .gz");
  }

  @Test
  void gzipBombIsStoppedAtTheFirstByteTooMany() throws IOException {
    byte[] bomb = gzip(Arrays.copyOf(idx(150, 10, 3, 5), 1 << 24));

    assertRefused("bomb.gz", bomb)
        .hasMessageContaining("byte 166 (uncompressed): found more data, expected the end");
  }

  @Test
  void gzipTooShortForItsHeaderIsRefusedBeforeItIsRead() throws IOException {
    byte[] file = gzip(idx(0, 1, 1 << 15, 1 << 15));

    assertThatThrownBy(() -> inspect("promise.gz", file, IMAGES))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("found a gzip file of only %d bytes", file.length)
        .hasMessageContaining("expected 1073741840 bytes");
  }

  @Test
  void bytesAfterAGzipStreamAreRefused() throws IOException {
    byte[] whole = gzip(idx(150, 10, 3, 5));

    assertRefused("tail.gz", Arrays.copyOf(whole, whole.length + 3))
        .hasMessageContaining("byte 0 (uncompressed): Garbage after a valid .gz stream");
  }
}
