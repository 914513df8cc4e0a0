package flowmatching.work.sample;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import org.apache.parquet.format.Util;

/**
 * Sorts the encodings of each column in a Parquet object: Parquet lists them in the order of a hash
 * set, which differs between processes.
 */
final class StableFooter {
  /** A Parquet object ends with its metadata, their length (4 bytes), and a magic number (4). */
  private static final int TAIL_BYTES = 2 * Integer.BYTES;

  private StableFooter() {}

  /** The same object with its encodings sorted. */
  static byte[] of(byte[] object) throws IOException {
    var tail = object.length - TAIL_BYTES;
    var start = tail - ByteBuffer.wrap(object).order(ByteOrder.LITTLE_ENDIAN).getInt(tail);
    var metadata = Util.readFileMetaData(new ByteArrayInputStream(object, start, tail - start));
    for (var rows : metadata.getRow_groups()) {
      for (var column : rows.getColumns()) {
        Collections.sort(column.getMeta_data().getEncodings());
      }
    }
    var stable = new ByteArrayOutputStream(object.length);
    stable.write(object, 0, start);
    Util.writeFileMetaData(metadata, stable);
    // The sorted metadata have the same length, so the tail stays valid.
    stable.write(object, tail, TAIL_BYTES);
    return stable.toByteArray();
  }
}
