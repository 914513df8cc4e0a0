package flowmatching.means.data;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.Failure;
import flowmatching.base.settings.LocationText;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.IOUtils;

/**
 * The uncompressed bytes of one file, read forwards.
 *
 * <p>A file whose name ends in {@code .gz} is decompressed, and its checksum verified at the end.
 * Invalid bytes are a {@link DataFailure} with the file and the offset in uncompressed bytes.
 * {@link StoredBytes} reports failures of the file system.
 */
final class IdxStream implements Closeable {
  static final String DAMAGED =
      "The file is damaged or of another type: copy or download it again.";

  private static final int BUFFER = 1 << 16;
  private static final byte[] START_OF_IDX = {0, 0};

  private final Path path;
  private final StoredBytes file;
  private InputStream bytes;
  private long position;

  private IdxStream(Path path, StoredBytes file) {
    this.path = path;
    this.file = file;
    this.bytes = new BufferedInputStream(file, BUFFER);
  }

  static IdxStream open(Path path, Configuration hadoop) {
    LocationText.checkEncodable(path.toUri());
    var stream = new IdxStream(path, StoredBytes.open(path, hadoop));
    try {
      if (stream.isCompressed()) {
        stream.decompress();
      }
      return stream;
    } catch (Failure e) {
      IOUtils.closeStream(stream.file);
      throw e;
    }
  }

  private void decompress() {
    try {
      bytes.mark(START_OF_IDX.length);
      if (Arrays.equals(bytes.readNBytes(START_OF_IDX.length), START_OF_IDX)) {
        throw new DataFailure(
            "%s cannot be read from byte 0 (uncompressed): Input is not in the .gz format. It starts like an uncompressed file, perhaps because a browser unpacked the download: remove .gz from its name."
                .formatted(path));
      }
      bytes.reset();
      bytes = new GzipCompressorInputStream(bytes, true);
    } catch (IOException e) {
      throw broken(e);
    }
  }

  boolean isCompressed() {
    return path.getName().endsWith(".gz");
  }

  /** The offset of the next uncompressed byte. */
  long position() {
    return position;
  }

  /** The next bytes, exactly as many as asked for. */
  byte[] read(int length) {
    var into = new byte[length];
    int found;
    try {
      found = bytes.readNBytes(into, 0, length);
    } catch (IOException e) {
      throw broken(e);
    }
    position += found;
    if (found < length) {
      throw refused(position, "the end of the file", (length - found) + " more bytes");
    }
    return into;
  }

  /** Moves forward to an offset: seeks in a plain file, decompresses a gzip file. */
  void skipTo(long offset) {
    if (isCompressed()) {
      try {
        bytes.skipNBytes(offset - position);
      } catch (IOException e) {
        throw broken(e);
      }
    } else {
      file.seek(offset);
      bytes = new BufferedInputStream(file, BUFFER);
    }
    position = offset;
  }

  /** Checks that no byte follows, and the checksum of a gzip stream. */
  void expectEnd() {
    int next;
    try {
      next = bytes.read();
    } catch (IOException e) {
      throw broken(e);
    }
    if (next != -1) {
      throw refused(position, "more data", "the end of the file, as its header says");
    }
  }

  DataFailure refused(long offset, String found, String expected) {
    return refused(offset, found, expected, DAMAGED);
  }

  /** The failure because of what the file has at an offset. {@code fix} says what to do. */
  DataFailure refused(long offset, String found, String expected, String fix) {
    return new DataFailure(
        "%s, byte %d%s: found %s, expected %s. %s"
            .formatted(path, offset, uncompressed(), found, expected, fix));
  }

  @Override
  public void close() {
    try {
      bytes.close();
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private DataFailure broken(IOException e) {
    String reason = e.getMessage() == null ? "its compressed data are damaged" : e.getMessage();
    return new DataFailure(
        "%s cannot be read from byte %d%s: %s. The file is damaged: copy or download it again."
            .formatted(
                path,
                position,
                uncompressed(),
                e instanceof EOFException ? "it ends too early" : reason),
        e);
  }

  private String uncompressed() {
    return isCompressed() ? " (uncompressed)" : "";
  }
}
