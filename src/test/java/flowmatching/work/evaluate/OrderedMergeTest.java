package flowmatching.work.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import flowmatching.SparkSessionExtension;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With a merge whose result depends on the order. */
@ExtendWith(SparkSessionExtension.class)
class OrderedMergeTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 10, 17})
  void partsAreMergedInTheOrderOfTheirPartitions(int partitions, SparkSession spark) {
    List<Integer> numbers = IntStream.range(0, partitions).boxed().toList();
    JavaRDD<String> parts =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(numbers, partitions)
            .map(number -> number + " ");
    assertThat(OrderedMerge.of(parts, String::concat))
        .isEqualTo(numbers.stream().map(number -> number + " ").collect(Collectors.joining()));
  }
}
