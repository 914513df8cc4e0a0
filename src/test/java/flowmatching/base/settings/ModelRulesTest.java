package flowmatching.base.settings;

import static flowmatching.base.settings.TestSettings.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.ConfigurationFailure;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelRulesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          model.down-sample=[true]                | model.down-sample = [true] (argument): it must have one entry less than model.channels, which makes 2.
          model.attention=[true,true,true]        | model.attention = [true,true,true] (argument): it must have one entry less than model.channels, which makes 2.
          model.mid-channels=[64,64]              | it must begin with 128, the last of model.channels, and end with 64, the last but one.
          model.mid-channels=[128,128]            | it must begin with 128, the last of model.channels, and end with 64, the last but one.
          model.channels=[36,64,128]              | model.channels = [36,64,128] (argument): it must have entries divisible by model.groups, which is 8.
          model.mid-channels=[128,100,64]         | model.mid-channels = [128,100,64] (argument): it must have entries divisible by model.groups, which is 8.
          model.heads=6                           | model.heads = 6 (argument): it must divide the channels of each attention, but does not divide 32, 64, 128.
          model.time-embedding=127                | model.time-embedding = 127 (argument): it must be even
          model.image.height=30                   | model.image.height = 30 (argument): it must be divisible by 4, because model.down-sample halves it 2 times.
          model.image.width=27                    | model.image.width = 27 (argument): it must be divisible by 4, because model.down-sample halves it 2 times.
          """)
  void aBrokenRuleIsTheOnlyError(String argument, String sentence) {
    assertThatThrownBy(() -> read(argument))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining("wrong in 1 place:")
        .hasMessageContaining(sentence);
  }

  @Test
  void groupsDivideTheChannelsBeforeTheLastLayer() {
    assertThatThrownBy(
            () ->
                read(
                    "model.groups=12",
                    "model.channels=[24,48]",
                    "model.mid-channels=[48,24]",
                    "model.down-sample=[true]",
                    "model.attention=[false]"))
        .hasMessage(
            """
            The configuration is wrong in 1 place:
              model.groups = 12 (argument): it must divide 16, the channels before the last layer.""");
  }

  @Test
  void headsDivideTheLastChannelsIfTheFirstBlockAttends() {
    String[] network = {
      "model.channels=[96,96]",
      "model.mid-channels=[96,96]",
      "model.down-sample=[false]",
      "model.heads=3"
    };

    assertThat(read(with(network, "model.attention=[false]")).model().heads()).isEqualTo(3);
    assertThatThrownBy(() -> read(with(network, "model.attention=[true]")))
        .hasMessageContaining("but does not divide 16.");
  }

  @Test
  void headsNeedNotDivideChannelsThatDoNotAttend() {
    var model =
        read(
                "model.channels=[8,24,48]",
                "model.mid-channels=[48,24]",
                "model.attention=[false,false]",
                "model.heads=12")
            .model();

    assertThat(model.heads()).isEqualTo(12);
  }

  @Test
  void aDeeperNetworkOfColourImagesIsAllowed() {
    var model =
        read(
                "model.image={channels=3,height=32,width=40}",
                "model.channels=[16,32,32,64]",
                "model.mid-channels=[64,64,32]",
                "model.down-sample=[true,true,true]",
                "model.attention=[true,false,true]")
            .model();

    assertThat(model.image()).isEqualTo(new ImageShape(3, 32, 40));
    assertThat(model.channels()).containsExactly(16, 32, 32, 64);
  }

  @Test
  void anyImageSizeIsAllowedIfNothingIsHalved() {
    var model = read("model.down-sample=[false,false]", "model.image={height=27,width=1}").model();

    assertThat(model.image()).isEqualTo(new ImageShape(1, 27, 1));
  }

  @Test
  void allBrokenRulesAreReportedAtOnce() {
    assertThatThrownBy(
            () ->
                read(
                    "model={channels=[12,20],mid-channels=[8,6],heads=7,time-embedding=3}",
                    "model.image.height=30"))
        .hasMessageContaining("wrong in 8 places:")
        .satisfies(
            failure ->
                assertThat(failure.getMessage())
                    .contains("model.down-sample = ", "model.attention = ", "model.channels = ")
                    .contains("model.mid-channels = ", "model.heads = ", "model.time-embedding = ")
                    .contains("model.image.height = "));
  }

  private static String[] with(String[] arguments, String last) {
    var all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = last;
    return all;
  }
}
