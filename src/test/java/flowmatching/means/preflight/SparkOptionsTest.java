package flowmatching.means.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.Job;
import flowmatching.base.settings.Settings;
import flowmatching.base.settings.TrainSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class SparkOptionsTest {
  @Test
  void everyOptionThatBreaksAGroupIsNamedWithItsFix() {
    SparkConf conf =
        new SparkConf(false)
            .set("spark.dynamicAllocation.enabled", "true")
            .set("spark.speculation", "TRUE")
            .set("spark.excludeOnFailure.enabled", "true");
    assertThat(failures(conf))
        .hasSize(3)
        .anyMatch(line -> line.contains("'spark.dynamicAllocation.enabled false' into conf/train"))
        .anyMatch(line -> line.contains("--conf spark.speculation=false"))
        .anyMatch(line -> line.contains("spark.excludeOnFailure.enabled is true"));
  }

  @Test
  void theProjectsOwnPropertiesPass() throws IOException {
    Properties properties = new Properties();
    properties.load(Files.newBufferedReader(Path.of("conf/train.properties")));
    SparkConf conf = new SparkConf(false);
    properties.forEach((name, value) -> conf.set((String) name, (String) value));
    assertThat(failures(conf)).isEmpty();
  }

  @Test
  void encryptionIsRefusedUnlessUnencryptedUpdatesAreAccepted() {
    SparkConf conf =
        new SparkConf(false)
            .set("spark.network.crypto.enabled", "true")
            .set("spark.ssl.enabled", "true");
    assertThat(failures(conf))
        .singleElement()
        .asString()
        .contains("(spark.network.crypto.enabled, spark.ssl.enabled)")
        .contains("train.strategy=averaging", "train.unencrypted-updates=accept");
    assertThat(failures(conf, "train.strategy=averaging")).isEmpty();
    assertThat(failures(conf, "train.unencrypted-updates=accept")).isEmpty();
  }

  @Test
  void encryptedFilesAreAllowed() {
    assertThat(failures(new SparkConf(false).set("spark.io.encryption.enabled", "true"))).isEmpty();
  }

  @Test
  void localModeAllowsAllOptions() {
    SparkConf conf = new SparkConf(false).set("spark.speculation", "true");
    TrainSettings train = settings();
    new SparkOptions(conf.set("spark.master", "local[2]")).check(train);
    assertThatThrownBy(
            () -> new SparkOptions(conf.set("spark.master", "spark://a:7077")).check(train))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("spark.speculation is true");
  }

  private static List<String> failures(SparkConf conf, String... arguments) {
    return new SparkOptions(conf).failures(settings(arguments));
  }

  private static TrainSettings settings(String... arguments) {
    List<String> all = new ArrayList<>(List.of("train.output=run"));
    all.addAll(List.of(arguments));
    return Settings.read(Job.TRAIN, LocalDate.of(2026, 11, 24), List.of(), all).train();
  }
}
