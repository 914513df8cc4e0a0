package flowmatching.network.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import flowmatching.Computes;
import flowmatching.Norms;
import flowmatching.Python;
import flowmatching.RandomBatches;
import flowmatching.base.safetensors.SafeTensors;
import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.ModelSettings;
import flowmatching.base.settings.Precision;
import flowmatching.flow.Condition;
import flowmatching.flow.ImageBatch;
import flowmatching.flow.RandomStream;
import flowmatching.flow.RandomStream.Purpose;
import flowmatching.means.model.LayoutTensors;
import flowmatching.network.Network;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.factory.Nd4j;

/** PyTorch's reference with weights of this program. */
@Computes
class PyTorchTest {
  @TempDir Path directory;

  @Test
  void pyTorchLoadsTheWeightsAndPredictsTheSameVelocity() throws Exception {
    Python python = Python.with("torch", directory);
    var settings =
        new ModelSettings(
            new ImageShape(3, 16, 8),
            List.of(8, 16, 24),
            List.of(24, 32, 16),
            20,
            List.of(true, false),
            List.of(true, false),
            4,
            8);
    float[] parameters = UNet.initialParameters(settings, 5);
    // Unlike initial values, these are different in every tensor.
    float[] other = new float[parameters.length];
    new RandomStream(7, Purpose.INITIAL_WEIGHTS, 0, 0)
        .uniforms(other, 0, other.length, -0.05f, 0.05f);
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] += other[i];
    }
    ImageBatch x = RandomBatches.images(settings.image(), 2, 1);
    float[] times = {0.25f, 0.875f};
    Files.write(
        directory.resolve("model.safetensors"),
        SafeTensors.write(
            LayoutTensors.of(UNet.layout(settings), "", parameters), Map.of("format", "pt")));
    Files.writeString(
        directory.resolve("config.json"),
        """
        {"im": 3, "down": [8, 16, 24], "mid": [24, 32, 16], "temb": 20,
         "sample": [true, false], "attend": [true, false]}
        """);
    Nd4j.writeAsNumpy(FloatArrays.of(x), directory.resolve("x.npy").toFile());
    Nd4j.writeAsNumpy(Nd4j.createFromArray(times), directory.resolve("t.npy").toFile());

    assertThat(python.runScript("velocity.py", directory)).isEqualTo(new Python.Ended(0, ""));

    float[] reference =
        Nd4j.createFromNpyFile(directory.resolve("velocity.npy").toFile()).data().asFloat();
    try (Network network = UNet.create(settings, Precision.FLOAT32, 1)) {
      network.assign(parameters);
      float[] velocity = network.velocity(x, List.of(Condition.time(times))).values();
      assertThat(Norms.distance(velocity, reference) / Norms.of(reference)).isLessThan(1e-4);
    }
  }
}
