package flowmatching.work.train;

import static org.assertj.core.api.Assertions.assertThat;

import flowmatching.base.settings.Job;
import flowmatching.base.settings.Settings;
import flowmatching.base.settings.TrainSettings;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplicaPlanTest {
  @ParameterizedTest
  @CsvSource({
    "1, 256, 1",
    "2, 256, 2",
    "3, 64, 2",
    "6, 96, 6",
    "4, 61, 1",
    "64, 256, 32",
    "8, 8, 1",
    "0, 8, 0"
  })
  void oneReplicaPerSlotIfTheyShareABatchEqually(int cores, int batchSize, int replicas) {
    assertThat(ReplicaPlan.replicas(cores, settings("train.batch-size=" + batchSize)))
        .isEqualTo(replicas);
  }

  @ParameterizedTest
  @CsvSource({"8, 4", "4, 4", "3, 2", "1, 1"})
  void trainWorkersReplicasIfThereAreSlots(int slots, int replicas) {
    assertThat(ReplicaPlan.replicas(slots, settings("train.batch-size=8", "train.workers=4")))
        .isEqualTo(replicas);
  }

  private static TrainSettings settings(String... arguments) {
    List<String> all = new ArrayList<>(List.of("train.output=runs/test"));
    all.addAll(List.of(arguments));
    return Settings.read(Job.TRAIN, LocalDate.EPOCH, List.of(), all).train();
  }
}
