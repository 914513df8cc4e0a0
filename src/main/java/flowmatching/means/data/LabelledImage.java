package flowmatching.means.data;

import java.io.Serializable;
import org.apache.spark.sql.Row;

/**
 * A row of {@link IdxDataSource}.
 *
 * @param id position in the file, from 0
 * @param label class, 0 to 255
 * @param pixels [C, H, W], unsigned bytes
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record LabelledImage(long id, int label, byte[] pixels) implements Serializable {
  public static LabelledImage of(Row row) {
    return new LabelledImage(row.getAs("id"), row.getAs("label"), row.getAs("pixels"));
  }
}
