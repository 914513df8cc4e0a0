package flowmatching.means.data;

import org.apache.spark.sql.connector.read.InputPartition;

/** The images of one partition: ids from {@code first}, before {@code end}. */
record IdxRange(long first, long end) implements InputPartition {}
