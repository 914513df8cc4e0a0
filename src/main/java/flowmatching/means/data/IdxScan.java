package flowmatching.means.data;

import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/** The first images of a split, cut into ranges of ids. */
record IdxScan(IdxSplit split, int count, int partitions, SerializableConfiguration hadoop)
    implements Scan, Batch {
  @Override
  public StructType readSchema() {
    return IdxDataSource.SCHEMA;
  }

  @Override
  public String description() {
    return "idx %s (%d images)".formatted(split.images().path(), count);
  }

  @Override
  public Batch toBatch() {
    return this;
  }

  @Override
  public InputPartition[] planInputPartitions() {
    int ranges = Math.min(partitions, count);
    var planned = new InputPartition[ranges];
    for (int i = 0; i < ranges; i++) {
      planned[i] = new IdxRange((long) count * i / ranges, (long) count * (i + 1) / ranges);
    }
    return planned;
  }

  @Override
  public PartitionReaderFactory createReaderFactory() {
    return new IdxReaderFactory(split, hadoop);
  }
}
