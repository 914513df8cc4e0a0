package flowmatching.network.dl4j;

import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.ModelSettings;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * The article's U-Net (after Ronneberger et al. 2015, arXiv:1505.04597) as a DL4J configuration.
 * Inputs: x_t {@code [N, C, H, W]} and the time {@code [N, 1]}; output: the velocity {@code [N, C,
 * H, W]}.
 *
 * <p>Down blocks (residual block, attention if set, strided convolution), middle blocks (residual,
 * attention, residual), up blocks (transposed convolution, concatenation with the input of the
 * matching down block, residual, attention). Vertices have the names of the reference's PyTorch
 * modules, so that VERTEX.PARAMETER is PyTorch's name of a tensor.
 */
final class UNetGraph {
  /** The vertex with the velocity. */
  static final String VELOCITY = "conv_out";

  /** The projected time after a SiLU, which the reference computes again in every block. */
  private static final String TIME_VECTOR = "proj.2";

  private final ModelSettings settings;

  /** Without an optimiser of DL4J's, whose workspaces are enabled by default. */
  private final GraphBuilder graph =
      new NeuralNetConfiguration.Builder().updater(new NoOp()).graphBuilder();

  private UNetGraph(ModelSettings settings) {
    this.settings = settings;
  }

  static ComputationGraphConfiguration of(ModelSettings settings) {
    return new UNetGraph(settings).configuration();
  }

  private ComputationGraphConfiguration configuration() {
    ImageShape image = settings.image();
    List<Integer> channels = settings.channels();
    int blocks = channels.size() - 1;
    int width = settings.timeEmbedding();
    graph.addInputs("image", "time").setOutputs(VELOCITY);
    add("time_embedding", new TimeEmbedding(width), "time");
    addLinear("proj.0", width, Activation.SWISH, "time_embedding");
    addLinear(TIME_VECTOR, width, Activation.SWISH, "proj.0");

    String x = add("conv_in", Convolution.of3x3(image.channels(), channels.get(0)), "image");
    Deque<String> skips = new ArrayDeque<>();
    for (int i = 0; i < blocks; i++) {
      skips.push(x);
      x = downBlock(i, x);
    }
    List<Integer> middle = settings.midChannels();
    for (int i = 0; i + 1 < middle.size(); i++) {
      x = middleBlock("mids." + i, x, middle.get(i), middle.get(i + 1));
    }
    for (int i = 0; i < blocks; i++) {
      x = upBlock(i, blocks - 1 - i, x, skips.pop());
    }
    x = add("norm_out", new GroupNorm(ModelSettings.LAST_CHANNELS, settings.groups(), true), x);
    add(VELOCITY, Convolution.of3x3(ModelSettings.LAST_CHANNELS, image.channels()), x);
    return graph.build();
  }

  private String downBlock(int i, String input) {
    String name = "downs." + i;
    int out = settings.channels().get(i + 1);
    String x = residualBlock(name + ".res", input, settings.channels().get(i), out);
    x = settings.attention().get(i) ? attention(name + ".attn", x, out) : x;
    return settings.downSample().get(i)
        ? add(name + ".down", new Convolution(out, out, 4, 2, 1), x)
        : x;
  }

  private String middleBlock(String name, String input, int in, int out) {
    String x = residualBlock(name + ".res0", input, in, out);
    x = attention(name + ".attn", x, out);
    return residualBlock(name + ".res1", x, out, out);
  }

  private String upBlock(int number, int level, String input, String skip) {
    String name = "ups." + number;
    int half = settings.channels().get(level);
    int out = level > 0 ? settings.channels().get(level - 1) : ModelSettings.LAST_CHANNELS;
    String x =
        settings.downSample().get(level)
            ? add(name + ".up", new TransposedConvolution(half), input)
            : input;
    graph.addVertex(name + ".cat", new MergeVertex(), x, skip);
    x = residualBlock(name + ".res", name + ".cat", 2 * half, out);
    return settings.attention().get(level) ? attention(name + ".attn", x, out) : x;
  }

  private String residualBlock(String name, String input, int in, int out) {
    String time = addLinear(name + ".temb.1", out, Activation.IDENTITY, TIME_VECTOR);
    return add(name, new ResidualBlock(in, out, settings.groups()), input, time);
  }

  private String attention(String name, String input, int channels) {
    String x = add(name + ".norm", new GroupNorm(channels, settings.groups(), false), input);
    return add(name + ".mha", new SelfAttention(channels, settings.heads()), x, input);
  }

  /** DL4J's dense layer, {@code [N, in]} to {@code [N, out]}. */
  private String addLinear(String name, int out, Activation activation, String input) {
    graph.addLayer(
        name,
        new DenseLayer.Builder()
            .nIn(settings.timeEmbedding())
            .nOut(out)
            .activation(activation)
            .build(),
        input);
    return name;
  }

  private String add(String name, LayerSettings layer, String... inputs) {
    graph.addVertex(name, new LayerVertex(layer), inputs);
    return name;
  }
}
