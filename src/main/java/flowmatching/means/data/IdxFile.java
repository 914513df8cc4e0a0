package flowmatching.means.data;

import flowmatching.base.failure.Failure;
import java.io.Serializable;
import java.util.HexFormat;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/** An IDX file whose header has been read and agrees with the file's length. */
record IdxFile(Path path, IdxHeader header) implements Serializable {
  /** Deflate's limit: two bits for 258 bytes. */
  private static final long MAX_COMPRESSION = 1032;

  private static final int CHUNK = 1 << 16;

  /**
   * Reads and checks the header. A plain file must be exactly as long as its header says, a
   * compressed one at least long enough for that. {@code dimensions} are as many as in its name.
   */
  static IdxFile inspect(FileStatus status, int dimensions, Configuration hadoop) {
    Path path = status.getPath();
    try (var stream = IdxStream.open(path, hadoop)) {
      var header = IdxHeader.read(stream, dimensions);
      long promised = header.offset(header.records());
      long length = status.getLen();
      String promise = "%d bytes for dimensions %s".formatted(promised, header.dimensions());
      if (!stream.isCompressed() && length != promised) {
        throw stream.refused(
            Math.min(promised, length), "a file of %d bytes".formatted(length), promise);
      }
      if (stream.isCompressed() && length < promised / MAX_COMPRESSION) {
        throw stream.refused(
            header.length(), "a gzip file of only %d bytes".formatted(length), promise);
      }
      return new IdxFile(path, header);
    }
  }

  /** Opens the file at a record. Its header must not have changed. */
  IdxStream openAt(long record, Configuration hadoop) {
    var stream = IdxStream.open(path, hadoop);
    try {
      var now = IdxHeader.read(stream, header.dimensions().size());
      if (!now.equals(header)) {
        throw stream.refused(
            stream.position(),
            "dimensions " + now.dimensions(),
            header.dimensions() + ", as when the read was planned");
      }
      stream.skipTo(header.offset(record));
      return stream;
    } catch (Failure e) {
      stream.close();
      throw e;
    }
  }

  /** The SHA-256 of the uncompressed file in lower-case hexadecimal. It is read to its end. */
  String sha256(Configuration hadoop) {
    var digest = DigestUtils.getSha256Digest();
    try (var stream = IdxStream.open(path, hadoop)) {
      long length = header.offset(header.records());
      while (stream.position() < length) {
        digest.update(stream.read((int) Math.min(CHUNK, length - stream.position())));
      }
      stream.expectEnd();
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
