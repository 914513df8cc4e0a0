package flowmatching.means.data;

import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.catalog.TableProvider;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The data source {@code idx}: {@code spark.read().format("idx").load(folder)} reads the images of
 * a folder of IDX files, on any Hadoop file system.
 *
 * <p>A row is (id long, label int, pixels binary), see {@link LabelledImage}; no value is null. The
 * files are {@code train-images-idx3-ubyte} [N, H, W] or {@code train-images-idx4-ubyte} [N, C, H,
 * W], and {@code train-labels-idx1-ubyte} [N]; those of the test split begin with {@code t10k}. The
 * name may have {@code .idx} instead of {@code -idx}. A file may be plain or end in {@code .gz}; if
 * both exist, the plain one is read.
 *
 * <p>Options: {@code split} (train or test, default train), {@code limit} (the number of images to
 * read, default all), {@code partitions} (default: the session's parallelism). A partition is a
 * range of ids; their sizes differ by at most one. Gzip has no random access, so each partition
 * decompresses from the start of the file to the end of its range.
 *
 * <p>{@code load} checks options, headers and lengths, and throws a {@link
 * flowmatching.base.failure.Failure}. Later damage in a file fails the task that reads it, with one
 * among the causes.
 */
public final class IdxDataSource implements TableProvider, DataSourceRegister {
  static final String NAME = "idx";
  static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.LongType, false)
          .add("label", DataTypes.IntegerType, false)
          .add("pixels", DataTypes.BinaryType, false);

  @Override
  public String shortName() {
    return NAME;
  }

  @Override
  public StructType inferSchema(CaseInsensitiveStringMap options) {
    return SCHEMA;
  }

  @Override
  public Table getTable(
      StructType schema, Transform[] partitioning, Map<String, String> properties) {
    var spark = SparkSession.active();
    var options =
        IdxOptions.of(
            new CaseInsensitiveStringMap(properties), spark.sparkContext().defaultParallelism());
    var hadoop = spark.sessionState().newHadoopConf();
    var split = IdxSplit.find(options.path(), options.split(), hadoop);
    int count = Math.min(options.limit(), split.count());
    return new IdxTable(
        new IdxScan(split, count, options.partitions(), new SerializableConfiguration(hadoop)));
  }

  private record IdxTable(IdxScan scan) implements Table, SupportsRead {
    @Override
    public String name() {
      return scan.description();
    }

    @Override
    @SuppressWarnings(
        "deprecation") // Spark 3.5 deprecates it in favour of columns(), but leaves it abstract.
    public StructType schema() {
      return SCHEMA;
    }

    @Override
    public Set<TableCapability> capabilities() {
      return Set.of(TableCapability.BATCH_READ);
    }

    @Override
    public ScanBuilder newScanBuilder(CaseInsensitiveStringMap options) {
      return () -> scan;
    }
  }
}
