package flowmatching.means.data;

import flowmatching.base.failure.Failure;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.read.PartitionReader;

/** Reads the images and labels of one range of ids. */
final class IdxReader implements PartitionReader<InternalRow> {
  private final IdxSplit split;
  private final IdxScan.Range range;
  private final IdxStream images;
  private final IdxStream labels;
  private long id;
  private InternalRow row;

  IdxReader(IdxSplit split, IdxScan.Range range, Configuration hadoop) {
    this.split = split;
    this.range = range;
    this.id = range.first();
    this.images = split.images().openAt(range.first(), hadoop);
    try {
      this.labels = split.labels().openAt(range.first(), hadoop);
    } catch (Failure e) {
      images.close();
      throw e;
    }
  }

  /** Reads the next image. After the last one, checks that both files end there. */
  @Override
  public boolean next() {
    if (id < range.end()) {
      int label = Byte.toUnsignedInt(labels.read(1)[0]);
      byte[] pixels = images.read(split.images().header().recordLength());
      row = new GenericInternalRow(new Object[] {id, label, pixels});
      id++;
      return true;
    }
    if (id == split.count()) {
      images.expectEnd();
      labels.expectEnd();
    }
    return false;
  }

  @Override
  public InternalRow get() {
    return row;
  }

  @Override
  public void close() {
    try (labels) {
      images.close();
    }
  }
}
