package flowmatching.unet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import flowmatching.settings.ImageShape;
import flowmatching.settings.ModelSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * Golden values of the PyTorch reference for one network: {@code facts.json} (configuration, loss,
 * losses of ten Adam steps), {@code weights/NAME.npy}, {@code gradients/NAME.npy}, the inputs
 * {@code xt [N, C, H, W]}, {@code t [N]}, {@code z}, {@code target}, and the outputs {@code
 * velocity} and {@code euler10}.
 */
public record GoldenFolder(Path path, JsonNode facts) {

  public static GoldenFolder at(Path path) {
    try {
      return new GoldenFolder(
          path, new ObjectMapper().readTree(path.resolve("facts.json").toFile()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public ModelSettings settings() {
    JsonNode config = facts.get("config");
    long[] image = array("xt").shape();
    List<Boolean> attention = list(config.get("attend"), JsonNode::asBoolean);
    return new ModelSettings(
        new ImageShape((int) image[1], (int) image[2], (int) image[3]),
        list(config.get("down"), JsonNode::asInt),
        list(config.get("mid"), JsonNode::asInt),
        config.get("temb").asInt(),
        list(config.get("sample"), JsonNode::asBoolean),
        attention,
        4,
        8);
  }

  /** The network with the folder's weights. */
  public ComputationGraph network(IUpdater updater) {
    return network(updater, Kernels.ofBackend());
  }

  ComputationGraph network(IUpdater updater, Kernels kernels) {
    ComputationGraph network = UNet.create(settings(), updater, kernels);
    Map<String, INDArray> weights = tensors("weights");
    Map<String, INDArray> parameters = UNet.parameters(network);
    if (!weights.keySet().equals(parameters.keySet())) {
      throw new AssertionError(
          "Tensors of the reference: %s; of the network: %s"
              .formatted(weights.keySet(), parameters.keySet()));
    }
    parameters.forEach((name, view) -> view.assign(weights.get(name)));
    return network;
  }

  INDArray array(String name) {
    return read(path.resolve(name + ".npy"));
  }

  /** The times as the network takes them, {@code [N, 1]}. */
  INDArray times() {
    INDArray times = array("t");
    return times.reshape('c', times.length(), 1);
  }

  Map<String, INDArray> tensors(String folder) {
    Map<String, INDArray> tensors = new LinkedHashMap<>();
    try (Stream<Path> files = Files.list(path.resolve(folder))) {
      files
          .sorted()
          .forEach(
              file ->
                  tensors.put(
                      file.getFileName().toString().replaceFirst("\\.npy$", ""), read(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return tensors;
  }

  List<Double> adamLosses() {
    return list(facts.get("adam_losses"), JsonNode::asDouble);
  }

  private static INDArray read(Path file) {
    return Nd4j.createFromNpyFile(file.toFile()).castTo(DataType.FLOAT).dup('c');
  }

  private static <T> List<T> list(JsonNode nodes, Function<JsonNode, T> value) {
    List<T> values = new ArrayList<>();
    nodes.forEach(node -> values.add(value.apply(node)));
    return values;
  }
}
