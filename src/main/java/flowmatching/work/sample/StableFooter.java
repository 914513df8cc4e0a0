package flowmatching.work.sample;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import org.apache.parquet.format.Util;

/**
 * Parquet lists a column's encodings in the order of a hash set, which differs between processes:
 * here they are put in order, and with that the bytes are the same everywhere.
 */
final class StableFooter {
  /** A Parquet object ends with its metadata, their length, and a magic number, of 4 bytes each. */
  private static final int TAIL_BYTES = 2 * Integer.BYTES;

  private StableFooter() {}

  /** A whole Parquet object with its encodings in order. */
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
    // Another order of the same numbers is as long, so that the tail stays true.
    stable.write(object, tail, TAIL_BYTES);
    return stable.toByteArray();
  }
}
