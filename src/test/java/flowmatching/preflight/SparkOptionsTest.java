package flowmatching.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class SparkOptionsTest {
  @Test
  void allThatBreaksAGroupIsNamedWithTheLineThatMendsIt() {
    SparkConf conf =
        new SparkConf(false)
            .set("spark.dynamicAllocation.enabled", "true")
            .set("spark.speculation", "TRUE")
            .set("spark.excludeOnFailure.enabled", "true");
    assertThat(new SparkOptions(conf).failures())
        .hasSize(3)
        .anyMatch(line -> line.contains("'spark.dynamicAllocation.enabled false' into conf/train"))
        .anyMatch(line -> line.contains("--conf spark.speculation=false"))
        .anyMatch(line -> line.contains("spark.excludeOnFailure.enabled is true"));
  }

  @Test
  void theProjectsOwnPropertiesAreGood() throws IOException {
    Properties properties = new Properties();
    properties.load(Files.newBufferedReader(Path.of("conf/train.properties")));
    SparkConf conf = new SparkConf(false);
    properties.forEach((name, value) -> conf.set((String) name, (String) value));
    assertThat(new SparkOptions(conf).failures()).isEmpty();
    assertThat(new SparkOptions(conf).encryption()).isEmpty();
  }

  @Test
  void whatEncryptsTrafficIsFoundAndWhatEncryptsFilesIsNot() {
    SparkConf conf =
        new SparkConf(false)
            .set("spark.network.crypto.enabled", "true")
            .set("spark.ssl.enabled", "true")
            .set("spark.io.encryption.enabled", "true");
    assertThat(new SparkOptions(conf).encryption())
        .containsExactly("spark.network.crypto.enabled", "spark.ssl.enabled");
  }
}
