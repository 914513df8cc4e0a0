package flowmatching.work.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import flowmatching.SparkSessionExtension;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SparkSessionExtension.class)
class NeighbourhoodsTest {
  /** On a line, with their second neighbours at distances 2, 1, 2 and 9. */
  private static final float[][] VECTORS = {{0, 0}, {1, 0}, {2, 0}, {10, 0}};

  @Test
  void aBallReachesToTheKthNeighbour(SparkSession spark) {
    var context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    var balls = Neighbourhoods.of(context, VECTORS, 2);
    assertThat(balls.radii()).containsExactly(4, 1, 4, 81);
    // Inside the first ball, on the edge of the third, in none, only in the last.
    float[][] others = {{-1.9f, 0}, {2, 2}, {-2.1f, 0}, {18.9f, 0}};
    assertThat(balls.share(context, others)).isEqualTo(0.75);
  }
}
