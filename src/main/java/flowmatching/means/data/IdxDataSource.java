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
 * The data source {@code idx}: {@code spark.read().format("idx").load(folder)} gives the images of
 * a folder of IDX files, on any Hadoop file system.
 *
 * <p>A row is (id long, label int, pixels binary), none of them null: the image's position in its
 * file, its label from 0 to 255, and its C * H * W bytes, channel by channel and row by row. The
 * files are {@code train-images-idx3-ubyte} [N, H, W] or {@code train-images-idx4-ubyte} [N, C, H,
 * W], and {@code train-labels-idx1-ubyte} [N]; those of the test split begin with {@code t10k}.
 * {@code .idx} may stand for {@code -idx}. Each may be plain or end in {@code .gz}; if both are
 * there, the plain one is read.
 *
 * <p>Options: {@code split} (train or test, default train), {@code limit} (read the first so many
 * images, default all), {@code partitions} (default: the session's parallelism). A partition is a
 * range of ids; all have the same number of images, or one more. Gzip cannot be entered in the
 * middle: each partition decompresses from the start to the end of its range.
 *
 * <p>{@code load} checks headers and lengths and throws {@link
 * flowmatching.base.failure.ConfigurationFailure}, {@link flowmatching.base.failure.DataFailure}
 * or, if a file may not be read or its file system fails, {@link
 * flowmatching.base.failure.EnvironmentFailure}. What shows only further on in a file fails the
 * task that reads there, with such a failure among the causes.
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
        "deprecation") // Spark 3.5 deprecates it for columns(), yet leaves it abstract.
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
