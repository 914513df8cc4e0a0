package flowmatching.network.dl4j;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.ModelSettings;
import flowmatching.flow.ImageBatch;
import flowmatching.network.Network;
import flowmatching.network.TensorLayout;
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
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

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
    long[] image = read(path.resolve("xt.npy")).shape();
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

  /** The folder's weights in the order of the network's layout. */
  public float[] parameters() {
    TensorLayout layout = UNet.layout(settings());
    Map<String, float[]> weights = tensors("weights");
    if (!weights.keySet().equals(layout.shapes().keySet())) {
      throw new AssertionError(
          "Tensors of the reference: %s; of the network: %s"
              .formatted(weights.keySet(), layout.shapes().keySet()));
    }
    return layout.vector(weights::get);
  }

  /** The network with the folder's weights. */
  Network network(Computation computation) {
    Network network = computation.network(settings());
    network.assign(parameters());
    return network;
  }

  /** Images {@code [N, C, H, W]}. */
  ImageBatch images(String name) {
    return new ImageBatch(settings().image(), values(name));
  }

  float[] values(String name) {
    return read(path.resolve(name + ".npy")).data().asFloat();
  }

  Map<String, float[]> tensors(String folder) {
    Map<String, float[]> tensors = new LinkedHashMap<>();
    try (Stream<Path> files = Files.list(path.resolve(folder))) {
      files
          .sorted()
          .forEach(
              file ->
                  tensors.put(
                      file.getFileName().toString().replaceFirst("\\.npy$", ""),
                      read(file).data().asFloat()));
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
