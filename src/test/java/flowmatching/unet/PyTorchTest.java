package flowmatching.unet;

import static org.assertj.core.api.Assertions.assertThat;

import flowmatching.Computes;
import flowmatching.settings.ImageShape;
import flowmatching.settings.ModelSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/** Weights of this program in PyTorch's reference. */
@Computes
class PyTorchTest {
  @TempDir Path directory;

  @Test
  void loadsTheFileOfANetworkAndPredictsTheSameVelocity() throws Exception {
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
    ComputationGraph network = UNet.create(settings, new NoOp());
    UNet.initialise(network, 5);
    // No parameter keeps a value that a tensor in the wrong place could have as well.
    network.params().addi(Nd4j.rand(network.params().shape()).subi(0.5).muli(0.1));
    INDArray x = Nd4j.randn(DataType.FLOAT, 2, 3, 16, 8);
    INDArray times = Nd4j.createFromArray(0.25f, 0.875f);
    List<NamedTensor> tensors =
        UNet.parameters(network).entrySet().stream()
            .map(
                entry ->
                    new NamedTensor(
                        entry.getKey(),
                        entry.getValue().shape(),
                        entry.getValue().dup('c').data().asFloat()))
            .toList();
    Files.write(
        directory.resolve("model.safetensors"), SafeTensors.write(tensors, Map.of("format", "pt")));
    Files.writeString(
        directory.resolve("config.json"),
        """
        {"im": 3, "down": [8, 16, 24], "mid": [24, 32, 16], "temb": 20,
         "sample": [true, false], "attend": [true, false]}
        """);
    Nd4j.writeAsNumpy(x, directory.resolve("x.npy").toFile());
    Nd4j.writeAsNumpy(times, directory.resolve("t.npy").toFile());

    assertThat(python.runScript("velocity.py", directory)).isEqualTo(new Python.Ended(0, ""));

    INDArray reference = Nd4j.createFromNpyFile(directory.resolve("velocity.npy").toFile());
    INDArray velocity = network.outputSingle(x, times.reshape(2, 1));
    double distance = velocity.sub(reference).norm2Number().doubleValue();
    assertThat(distance / reference.norm2Number().doubleValue()).isLessThan(1e-4);
  }
}
