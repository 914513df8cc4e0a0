package flowmatching.unet;

import flowmatching.flow.RandomStream;
import flowmatching.flow.RandomStream.Purpose;
import flowmatching.settings.ImageShape;
import flowmatching.settings.ModelSettings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * The article's U-Net as a DL4J graph. Inputs: x_t {@code [N, C, H, W]} and the time {@code [N,
 * 1]}; output and label: the velocity {@code [N, C, H, W]}; loss: the mean over all elements of the
 * squared difference.
 *
 * <p>Down blocks (residual block, attention where set, strided convolution), middle blocks
 * (residual, attention, residual), up blocks (transposed convolution, concatenation with the input
 * of the matching down block, residual, attention). Vertices are named as the reference's PyTorch
 * modules, so that VERTEX.PARAMETER is PyTorch's name of a tensor.
 */
public final class UNet {

  /** Every block applies the SiLU to the projected time first: here it is done once for all. */
  private static final String TIME_VECTOR = "proj.2";

  private final ModelSettings settings;
  private final IUpdater updater;
  private final Kernels kernels;
  private final GraphBuilder graph;

  private UNet(ModelSettings settings, IUpdater updater, Kernels kernels) {
    this.settings = settings;
    this.updater = updater;
    this.kernels = kernels;
    this.graph =
        new NeuralNetConfiguration.Builder()
            .updater(updater)
            .trainingWorkspaceMode(WorkspaceMode.ENABLED)
            .inferenceWorkspaceMode(WorkspaceMode.ENABLED)
            .graphBuilder()
            .addInputs("image", "time")
            .setOutputs("velocity");
  }

  /** A network whose parameters are all zero, trained by {@code updater}. */
  public static ComputationGraph create(ModelSettings settings, IUpdater updater) {
    return create(settings, updater, Kernels.ofBackend());
  }

  /** The same by certain kernels. */
  static ComputationGraph create(ModelSettings settings, IUpdater updater, Kernels kernels) {
    ComputationGraph network =
        new ComputationGraph(new UNet(settings, updater, kernels).configuration());
    network.init();
    return network;
  }

  /** Sets PyTorch's default initialisation, drawn from the seed alone. */
  public static void initialise(ComputationGraph network, long seed) {
    for (Tensor tensor : tensors(network)) {
      Parameter parameter = tensor.parameter();
      float[] values = new float[Math.toIntExact(parameter.length())];
      new RandomStream(seed, Purpose.INITIAL_WEIGHTS, 0, identity(tensor.name()))
          .uniforms(
              values,
              0,
              values.length,
              (float) (parameter.centre() - parameter.bound()),
              (float) (parameter.centre() + parameter.bound()));
      try (INDArray initial = Nd4j.create(values, parameter.dimensions(), 'c')) {
        tensor.view().assign(initial);
      }
    }
  }

  /** The network's parameters by PyTorch's names: views, which change the network. */
  public static Map<String, INDArray> parameters(ComputationGraph network) {
    Map<String, INDArray> parameters = new LinkedHashMap<>();
    tensors(network).forEach(tensor -> parameters.put(tensor.name(), tensor.view()));
    return parameters;
  }

  /**
   * The shapes of a network's parameters by PyTorch's names; takes no memory for the parameters.
   */
  public static Map<String, List<Long>> shapes(ModelSettings settings) {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    new UNet(settings, new NoOp(), null)
        .configuration()
        .getVertices()
        .forEach(
            (vertex, configuration) ->
                parameters(configuration)
                    .forEach(
                        parameter -> shapes.put(tensorName(vertex, parameter), parameter.shape())));
    return shapes;
  }

  /** The number of a network's parameters; takes no memory for them. */
  public static long parameterCount(ModelSettings settings) {
    return shapes(settings).values().stream()
        .mapToLong(shape -> shape.stream().reduce(1L, Math::multiplyExact))
        .reduce(0L, Math::addExact);
  }

  /** A parameter of a network under PyTorch's name and layout. */
  private record Tensor(String vertex, Parameter parameter, INDArray view) {
    String name() {
      return tensorName(vertex, parameter);
    }
  }

  private static String tensorName(String vertex, Parameter parameter) {
    return vertex + "." + parameter.pyTorchName();
  }

  private static List<Tensor> tensors(ComputationGraph network) {
    Map<String, GraphVertex> configurations = network.getConfiguration().getVertices();
    List<Tensor> tensors = new ArrayList<>();
    for (var vertex : network.getVertices()) {
      String name = vertex.getVertexName();
      Map<String, INDArray> views = vertex.paramTable(false);
      for (Parameter parameter : parameters(configurations.get(name))) {
        INDArray view =
            vertex instanceof FunctionVertex
                ? views.get(parameter.name())
                : linearView(views, parameter);
        tensors.add(new Tensor(name, parameter, view));
      }
    }
    return tensors;
  }

  private static List<Parameter> parameters(GraphVertex vertex) {
    if (vertex instanceof LayerVertex own) {
      return own.settings().parameters();
    }
    if (vertex instanceof org.deeplearning4j.nn.conf.graph.LayerVertex theirs
        && theirs.getLayerConf().getLayer() instanceof DenseLayer linear) {
      long in = linear.getNIn();
      long out = linear.getNOut();
      return List.of(Parameter.fanIn("weight", in, out, in), Parameter.fanIn("bias", in, out));
    }
    return List.of();
  }

  /** A parameter of DL4J's dense layer, whose weight is PyTorch's transposed. */
  private static INDArray linearView(Map<String, INDArray> views, Parameter parameter) {
    return parameter.name().equals("weight")
        ? views.get(DefaultParamInitializer.WEIGHT_KEY).transpose()
        : views.get(DefaultParamInitializer.BIAS_KEY).reshape(parameter.dimensions());
  }

  /** A number for a name that does not depend on the rest of the network. */
  private static long identity(String name) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    return crc.getValue();
  }

  private ComputationGraphConfiguration configuration() {
    ImageShape image = settings.image();
    List<Integer> channels = settings.channels();
    int blocks = channels.size() - 1;
    int width = settings.timeEmbedding();
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
    x = add("conv_out", Convolution.of3x3(ModelSettings.LAST_CHANNELS, image.channels()), x);
    return graph.addLayer("velocity", loss(image), x).build();
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

  private static CnnLossLayer loss(ImageShape image) {
    double weight = 1.0 / ((double) image.height() * image.width());
    return new CnnLossLayer.Builder(new PixelMean((float) weight))
        .activation(Activation.IDENTITY)
        .build();
  }

  /** DL4J's own dense layer: its weight is PyTorch's, transposed in memory order. */
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
    graph.addVertex(name, new LayerVertex(name, layer, updater, kernels), inputs);
    return name;
  }
}
