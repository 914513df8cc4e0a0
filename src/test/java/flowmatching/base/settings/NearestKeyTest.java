package flowmatching.base.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestKeyTest {
  private static final List<String> KNOWN =
      List.of(
          "data.path",
          "data.limit",
          "train.validation.limit",
          "train.batch-size",
          "sample.batch-size",
          "train.epochs",
          "train.learning-rate",
          "train.learning-rate-schedule");

  @ParameterizedTest
  @CsvSource({
    "train.epoch, train.epochs",
    "trian.epochs, train.epochs",
    "epochs, train.epochs",
    "train.batchSize, train.batch-size",
    "sample.batch_size, sample.batch-size",
    "train.learning_rate, train.learning-rate",
    "train.limit, data.limit",
    "validation.limit, train.validation.limit"
  })
  void theNearestKeyIsTheIntendedOne(String unknown, String nearest) {
    assertThat(NearestKey.to(unknown, KNOWN)).isEqualTo(nearest);
  }
}
