package flowmatching.work.train;

import java.io.Serializable;
import org.apache.spark.sql.Row;

/**
 * A training image.
 *
 * @param id its number in the data set
 * @param label its class
 * @param pixels {@code [C, H, W]}, unsigned bytes
 */
// On its way from the files to a minibatch; compared nowhere.
@SuppressWarnings("ArrayRecordComponent")
record Example(long id, int label, byte[] pixels) implements Serializable {
  static Example of(Row row) {
    return new Example(row.getAs("id"), row.getAs("label"), row.getAs("pixels"));
  }
}
