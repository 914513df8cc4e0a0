package flowmatching.train;

import static org.assertj.core.api.Assertions.assertThat;

import flowmatching.settings.Job;
import flowmatching.settings.Settings;
import flowmatching.settings.TrainSettings;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
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
    "8, 8, 1"
  })
  void aReplicaACoreAsFarAsTheyShareABatchEqually(int cores, int batchSize, int replicas) {
    assertThat(ReplicaPlan.replicas(cores, settings("train.batch-size=" + batchSize)))
        .isEqualTo(replicas);
  }

  @Test
  void asManyReplicasAsAskedFor() {
    assertThat(ReplicaPlan.replicas(2, settings("train.batch-size=8", "train.workers=4")))
        .isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource({"local, 1", "local[3], 3", "'local[5,2]', 5"})
  void coresAreThoseOfTheMaster(String master, int cores) {
    assertThat(ReplicaPlan.cores(master)).isEqualTo(cores);
  }

  @Test
  void aStarIsAllCores() {
    assertThat(ReplicaPlan.cores("local[*]")).isEqualTo(Runtime.getRuntime().availableProcessors());
  }

  private static TrainSettings settings(String... arguments) {
    List<String> all = new ArrayList<>(List.of("train.output=runs/test"));
    all.addAll(List.of(arguments));
    return Settings.read(Job.TRAIN, LocalDate.EPOCH, List.of(), all).train();
  }
}
