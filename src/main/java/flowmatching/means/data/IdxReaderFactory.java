package flowmatching.means.data;

import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.util.SerializableConfiguration;

/** What Spark ships to executors so that they read their ranges of a split. */
record IdxReaderFactory(IdxSplit split, SerializableConfiguration hadoop)
    implements PartitionReaderFactory {
  @Override
  public PartitionReader<InternalRow> createReader(InputPartition partition) {
    return new IdxReader(split, (IdxRange) partition, hadoop.value());
  }
}
