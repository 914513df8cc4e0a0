package flowmatching.base.settings;

import static flowmatching.base.settings.TestSettings.TODAY;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** All jobs accept the files in conf/ unchanged. */
class ConfTest {
  @ParameterizedTest
  @EnumSource
  void theRunOfTheArticleHasTheDefaults(Job job) throws IOException {
    var settings = read(job, "train.conf");
    var defaults = TestSettings.read();

    assertThat(settings.data()).isEqualTo(defaults.data());
    assertThat(settings.model()).isEqualTo(defaults.model());
    assertThat(settings.train().epochs()).isEqualTo(10);
    assertThat(settings.train().batchSize()).isEqualTo(256);
    assertThat(settings.train().learningRate()).isEqualTo(1e-3);
    assertThat(settings.train().output()).isEqualTo("runs/train");
    assertThat(settings.sample().model()).isEqualTo("runs/train/model");
    assertThat(settings.sample().count()).isEqualTo(128);
  }

  @ParameterizedTest
  @EnumSource
  void theQuickstartSamplesWhatItTrains(Job job) throws IOException {
    var settings = read(job, "quickstart.conf");

    assertThat(settings.train().output()).isEqualTo("runs/quickstart");
    assertThat(settings.sample().model()).isEqualTo("runs/quickstart/model");
    assertThat(settings.sample().output()).isEqualTo("runs/samples");
    assertThat(settings.sample().count()).isEqualTo(160);
    assertThat(settings.sample().grid()).isEqualTo(new SampleSettings.Grid(16, 160));
  }

  @Test
  void theModelOfTheQuickstartFollowsItsOutput() throws IOException {
    var settings = read(Job.SAMPLE, "quickstart.conf", "train.output=/elsewhere");

    assertThat(settings.sample().model()).isEqualTo("/elsewhere/model");
  }

  private static Settings read(Job job, String file, String... arguments) throws IOException {
    var text = Files.readString(Path.of("conf", file));
    return Settings.read(job, TODAY, List.of(new Source(file, text)), List.of(arguments));
  }
}
