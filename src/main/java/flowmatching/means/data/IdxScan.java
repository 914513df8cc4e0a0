package flowmatching.means.data;

import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/** The first images of a split, divided into ranges of ids. */
record IdxScan(IdxSplit split, int count, int partitions, SerializableConfiguration hadoop)
    implements Scan, Batch {

  /** A partition: ids from {@code first} to before {@code end}. */
  record Range(long first, long end) implements InputPartition {}

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
      planned[i] = new Range((long) count * i / ranges, (long) count * (i + 1) / ranges);
    }
    return planned;
  }

  @Override
  public PartitionReaderFactory createReaderFactory() {
    // Serialized for the executors, so it must not capture this scan.
    var files = split;
    var configuration = hadoop;
    return partition -> new IdxReader(files, (Range) partition, configuration.value());
  }
}
