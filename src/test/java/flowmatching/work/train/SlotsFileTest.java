package flowmatching.work.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.Computes;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.safetensors.NamedTensor;
import flowmatching.base.safetensors.SafeTensors;
import flowmatching.means.model.TinyModel;
import flowmatching.network.TensorLayout;
import flowmatching.network.dl4j.UNet;
import flowmatching.network.optimiser.Slot;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Computes
class SlotsFileTest {
  private static final TensorLayout LAYOUT = UNet.layout(TinyModel.settings(1));
  private static final List<Slot> MOMENTS = List.of(Slot.FIRST_MOMENT, Slot.SECOND_MOMENT);

  private final float[] first = values(0);
  private final float[] second = values(1_000);

  /** Values that all differ. */
  private static float[] values(int from) {
    float[] values = new float[LAYOUT.length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = from + i / 16f;
    }
    return values;
  }

  @Test
  void eachTensorHasTheNameAndShapeOfItsParameter() {
    Map<String, NamedTensor> tensors = SafeTensors.read(written(), "moments");
    assertThat(tensors).hasSize(2 * LAYOUT.tensors().size());
    LAYOUT
        .tensors()
        .forEach(
            parameter -> {
              NamedTensor ofFirst = tensors.get("exp_avg." + parameter.name());
              assertThat(ofFirst.shape()).isEqualTo(parameter.shape());
              assertThat(ofFirst.values()).isEqualTo(parameter.of(first));
              assertThat(tensors.get("exp_avg_sq." + parameter.name()).values())
                  .isEqualTo(parameter.of(second));
            });
  }

  @Test
  void slotsAreReadAsTheyWereWritten() {
    assertThat(SlotsFile.read(written(), LAYOUT, "moments"))
        .containsOnlyKeys(MOMENTS)
        .containsEntry(Slot.FIRST_MOMENT, first)
        .containsEntry(Slot.SECOND_MOMENT, second);
  }

  @Test
  void aSlotThatIsNotRequiredIsRead() {
    byte[] file =
        SlotsFile.write(
            LAYOUT,
            Map.of(Slot.PARAMETERS, second, Slot.FIRST_MOMENT, first, Slot.SECOND_MOMENT, second));
    assertThat(SlotsFile.read(file, LAYOUT, "moments")).containsEntry(Slot.PARAMETERS, second);
  }

  @Test
  void thoseOfAnotherNetworkAreRefused() {
    TensorLayout other = UNet.layout(TinyModel.settings(3));
    assertThatThrownBy(() -> SlotsFile.read(written(), other, "moments"))
        .isInstanceOf(DataFailure.class)
        .hasMessage("moments is not the optimiser state of this network");
  }

  @Test
  void aSlotThatIsMissingIsRefused() {
    byte[] file = SlotsFile.write(LAYOUT, Map.of(Slot.FIRST_MOMENT, first));
    assertThatThrownBy(() -> SlotsFile.read(file, LAYOUT, "moments"))
        .isInstanceOf(DataFailure.class)
        .hasMessage("moments is not the optimiser state of this network");
  }

  @ParameterizedTest
  @CsvSource({"exp_avg, NaN", "exp_avg, Infinity", "exp_avg_sq, -1"})
  void impossibleMomentsAreRefused(String moment, float value) {
    Map<String, NamedTensor> tensors = SafeTensors.read(written(), "moments");
    tensors.get(moment + ".conv_in.bias").values()[0] = value;
    byte[] file = SafeTensors.write(List.copyOf(tensors.values()), Map.of());
    assertThatThrownBy(() -> SlotsFile.read(file, LAYOUT, "moments"))
        .isInstanceOf(DataFailure.class)
        .hasMessage("moments is damaged: a value of tensor '%s.conv_in.bias' is %s", moment, value);
  }

  private byte[] written() {
    return SlotsFile.write(LAYOUT, Map.of(Slot.FIRST_MOMENT, first, Slot.SECOND_MOMENT, second));
  }
}
