package flowmatching.work.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.SparkSessionExtension;
import flowmatching.base.failure.DataFailure;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.parquet.format.Util;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SparkSessionExtension.class)
class SampleParquetTest {
  private final SparkSession spark;

  @TempDir Path directory;

  SampleParquetTest(SparkSession spark) {
    this.spark = spark;
  }

  @Test
  void sparkReadsTheSamplesInTheirOrder() throws Exception {
    var rows = read(SampleParquet.of(samples(500)));

    assertThat(rows).hasSize(500);
    for (int i = 0; i < rows.size(); i++) {
      assertThat(rows.get(i).<Long>getAs("id")).isEqualTo(1000L + i);
      assertThat(rows.get(i).<Long>getAs("seed")).isEqualTo(-5L);
      assertThat(rows.get(i).<byte[]>getAs("png")).isEqualTo(samples(500).get(i).png());
    }
  }

  @Test
  void theColumnsAreLongLongBinaryAndInt() throws Exception {
    var file = directory.resolve("part.parquet");
    Files.write(file, SampleParquet.of(samples(1)));

    assertThat(spark.read().parquet(file.toString()).schema().simpleString())
        .isEqualTo("struct<id:bigint,seed:bigint,png:binary,evaluations:int>");
  }

  @Test
  void theSameSamplesGiveTheSameBytes() {
    assertThat(SampleParquet.of(samples(500))).isEqualTo(SampleParquet.of(samples(500)));
  }

  @Test
  void encodingsAreListedInOneOrder() throws Exception {
    var object = SampleParquet.of(samples(500));
    var tail = ByteBuffer.wrap(object).order(ByteOrder.LITTLE_ENDIAN);
    var length = tail.getInt(object.length - 8);
    var metadata =
        Util.readFileMetaData(new ByteArrayInputStream(object, object.length - 8 - length, length));

    for (var column : metadata.getRow_groups().get(0).getColumns()) {
      assertThat(column.getMeta_data().getEncodings()).hasSizeGreaterThan(1).isSorted();
    }
  }

  @Test
  void noSamplesAreAFileWithoutRows() throws Exception {
    assertThat(read(SampleParquet.of(List.of()))).isEmpty();
  }

  @Test
  void theSamplesAreReadBack() {
    assertThat(SampleParquet.read(SampleParquet.of(samples(500)), "part"))
        .usingRecursiveComparison()
        .withEqualsForType(Arrays::equals, byte[].class)
        .isEqualTo(samples(500));
  }

  @Test
  void aTruncatedObjectIsRefusedWithItsName() {
    var object = SampleParquet.of(samples(5));
    for (int length : new int[] {0, 5, object.length / 2, object.length - 1}) {
      assertThatThrownBy(() -> SampleParquet.read(Arrays.copyOf(object, length), "part-0-4"))
          .isInstanceOf(DataFailure.class)
          .hasMessageContaining("part-0-4");
    }
  }

  private List<Row> read(byte[] parquet) throws Exception {
    var file = directory.resolve("part.parquet");
    Files.write(file, parquet);
    return spark.read().parquet(file.toString()).collectAsList();
  }

  /** PNG files of different sizes, some larger than Parquet keeps whole in its statistics. */
  private static List<EncodedSample> samples(int count) {
    return LongStream.range(1000, 1000 + count)
        .mapToObj(
            id -> {
              var png = new byte[(int) (id % 97) * 100];
              Arrays.fill(png, (byte) id);
              return new EncodedSample(id, new Origin(-5, "abc"), png, 100);
            })
        .toList();
  }
}
