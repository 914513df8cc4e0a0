package flowmatching.work.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import flowmatching.Computes;
import flowmatching.SparkSessionExtension;
import flowmatching.base.settings.Split;
import flowmatching.means.data.ImageSet;
import flowmatching.means.run.ExtractorFacts;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SparkSessionExtension.class)
@Computes
class FashionClassifierTest {
  @Test
  void eachClassHasAName() {
    try (var classifier = new FashionClassifier()) {
      assertThat(classifier.classes()).hasSize(10).doesNotHaveDuplicates();
    }
  }

  @Test
  void isMadeOnlyForFashionMnist(SparkSession spark) {
    ExtractorFacts classifier = FeatureExtractors.facts("fashion-classifier");
    ImageSet fashion =
        ImageSet.open(spark, "/usr/share/datasets/fashion-mnist", Split.TEST).lowest(10);
    assertThat(classifier.isMadeFor(fashion.name())).isTrue();
    assertThat(classifier.isMadeFor("file:/data/mnist")).isFalse();
    // An extractor without a data set.
    assertThat(FeatureExtractors.facts("undefined").isMadeFor("file:/data/mnist")).isTrue();
  }

  @Test
  void classifiesTheTestImages(SparkSession spark) {
    List<Row> rows =
        ImageSet.open(spark, "/usr/share/datasets/fashion-mnist", Split.TEST)
            .rows(spark, 1)
            .collectAsList();
    int right = 0;
    try (var classifier = new FashionClassifier()) {
      for (int from = 0; from < rows.size(); from += 500) {
        List<Row> batch = rows.subList(from, from + 500);
        var features =
            classifier.of(batch.stream().map(row -> row.<byte[]>getAs("pixels")).toList());
        for (int i = 0; i < batch.size(); i++) {
          if (features.get(i).predictedClass() == batch.get(i).<Integer>getAs("label")) {
            right++;
          }
        }
      }
    }
    assertThat(right / 10_000.0).isGreaterThanOrEqualTo(0.91);
  }
}
