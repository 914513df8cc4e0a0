package flowmatching.means.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.SparkSessionExtension;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.failure.RunFailure;
import java.io.Serializable;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How a check on all executors reports the failure of a task. */
@ExtendWith(SparkSessionExtension.class)
class BarrierJobTest {
  private JavaSparkContext spark;

  @BeforeEach
  void context(SparkSession session) {
    spark = JavaSparkContext.fromSparkContext(session.sparkContext());
  }

  @Test
  void aFailureKeepsItsKind() {
    assertThatThrownBy(() -> check(() -> new DataFailure("A file is damaged.")))
        .isInstanceOf(DataFailure.class)
        .hasMessage("The check, partition 0 on executor driver: A file is damaged.");
  }

  @Test
  void aDefectIsNotBlamedOnTheExecutor() {
    assertThatThrownBy(() -> check(NullPointerException::new))
        .isInstanceOfSatisfying(
            RunFailure.class, failure -> assertThat(failure.defect()).isPresent());
  }

  @Test
  void incompatibleClassesAreBlamedOnAnotherJar() {
    assertThatThrownBy(() -> check(() -> new ClassCastException("cannot assign instance")))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("cannot assign instance")
        .hasMessageContaining("check that every executor runs this version of the jar");
  }

  private interface Thrown extends Serializable {
    RuntimeException exception();
  }

  private void check(Thrown thrown) {
    BarrierJob.run(
        spark,
        "The check",
        1,
        100,
        (context, slot) -> {
          throw thrown.exception();
        });
  }
}
