package flowmatching.network.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;

import flowmatching.base.settings.ImageShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.memory.format_tag;

/** The forward and the backward pass of a network for one number of images. */
final class Passes implements AutoCloseable {
  /** The backward pass of a layer: from its result's gradient to those of its inputs. */
  private interface Backward {
    List<Tensor> run(Tensor gradient);
  }

  private record Node(Layer layer, Backward backward) {}

  private final Plan plan;
  private final Weights weights;
  private final data_type type;
  private final long images;
  private final Map<String, Tensor> values = new HashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Tensor image;
  private final Tensor time;
  private final Tensor result;
  private Tensor resultGradient;
  private final int forwardSteps;

  /**
   * The passes of a plan, which is closed if they cannot be made.
   *
   * @param training whether there is a backward pass
   */
  static Passes of(
      List<Layer> layers,
      Plan plan,
      Weights weights,
      data_type type,
      ImageShape shape,
      int images,
      boolean training) {
    try {
      return new Passes(layers, plan, weights, type, shape, images, training);
    } catch (RuntimeException | Error e) {
      plan.close();
      throw e;
    }
  }

  private Passes(
      List<Layer> layers,
      Plan plan,
      Weights weights,
      data_type type,
      ImageShape shape,
      int images,
      boolean training) {
    this.plan = plan;
    this.weights = weights;
    this.type = type;
    this.images = images;
    image = plan.tensor(plain(images, shape.channels(), shape.height(), shape.width()));
    time = plan.floats(images, 1);
    // They are written before the first step.
    plan.add(() -> {}, image, time);
    values.put("image", image);
    values.put("time", time);
    for (Layer layer : layers) {
      forward(layer);
    }
    String last = layers.get(layers.size() - 1).name();
    memory.desc plain = plain(Layouts.dimensions(values.get(last).layout()));
    result = plan.in(plain, values.get(last));
    if (training) {
      resultGradient = plan.tensor(plain);
      plan.add(() -> {}, result, resultGradient);
      forwardSteps = plan.steps();
      Map<String, List<Tensor>> gradients = new HashMap<>();
      gradients.put(last, new ArrayList<>(List.of(resultGradient)));
      for (int i = nodes.size() - 1; i >= 0; i--) {
        Node node = nodes.get(i);
        List<Tensor> ofResult = gradients.remove(node.layer().name());
        if (ofResult == null) {
          continue;
        }
        Tensor gradient = sum(ofResult);
        List<Tensor> ofInputs = node.backward().run(gradient);
        for (int input = 0; input < ofInputs.size(); input++) {
          if (ofInputs.get(input) != null) {
            gradients
                .computeIfAbsent(node.layer().inputs().get(input), name -> new ArrayList<>())
                .add(ofInputs.get(input));
          }
        }
      }
    } else {
      plan.add(() -> {}, result);
      forwardSteps = plan.steps();
    }
    plan.complete();
  }

  private static memory.desc plain(long... shape) {
    return Layouts.of(data_type.f32, format_tag.nchw, shape);
  }

  /** The number of values of the result. */
  int values() {
    return result.floats().capacity();
  }

  /**
   * @param times {@code [N]}; empty if no layer needs them
   * @param values is overwritten with the result
   */
  void forward(float[] images, float[] times, float[] values) {
    image.floats().put(0, images);
    time.floats().put(0, times);
    plan.run(0, forwardSteps);
    result.floats().get(0, values);
  }

  Plan plan() {
    return plan;
  }

  int forwardSteps() {
    return forwardSteps;
  }

  void backward(float[] gradient) {
    resultGradient.floats().put(0, gradient);
    plan.run(forwardSteps, plan.steps());
  }

  @Override
  public void close() {
    plan.close();
  }

  private Tensor sum(List<Tensor> parts) {
    Tensor sum = parts.get(0);
    for (Tensor part : parts.subList(1, parts.size())) {
      sum = add(sum, part);
    }
    return sum;
  }

  private Tensor add(Tensor a, Tensor other) {
    plan.begin("additions");
    Tensor b = plan.in(a.layout(), other);
    Tensor result = plan.tensor(a.layout());
    plan.add(
        new binary(
            new binary.primitive_desc(
                plan.engine(), algorithm.binary_add, a.layout(), a.layout(), a.layout())),
        new Arguments().with(DNNL_ARG_SRC_0, a).with(DNNL_ARG_SRC_1, b).with(DNNL_ARG_DST, result));
    return result;
  }

  private void forward(Layer layer) {
    Tensor x = values.get(layer.inputs().get(0));
    long[] shape = Layouts.dimensions(x.layout());
    String name = layer.name() + ".";
    Layer.Kind kind = layer.kind();
    if (kind instanceof Layer.TimeEmbedding embedding) {
      add(layer, timeEmbedding(x, embedding), gradient -> List.of());
    } else if (kind instanceof Layer.Linear linear) {
      var dense = new DenseLayer(plan, weights, name, images, linear);
      boolean needed = !layer.inputs().get(0).equals("time_embedding");
      add(
          layer,
          dense.forward(x),
          gradient -> {
            Tensor ofZ = dense.backwardWeights(gradient);
            return needed ? List.of(dense.backwardData(ofZ)) : List.of();
          });
    } else if (kind instanceof Layer.Convolution settings) {
      convolution(layer, new PlainConvolution(plan, weights, type, name, shape, settings), x);
    } else if (kind instanceof Layer.TransposedConvolution settings) {
      convolution(
          layer, new TransposedConvolution(plan, weights, type, name, shape, settings.out()), x);
    } else if (kind instanceof Layer.GroupNorm settings) {
      var norm = new GroupNormLayer(plan, weights, name, shape, settings.groups(), settings.silu());
      add(layer, norm.forward(x, null), gradient -> List.of(norm.backward(gradient, null).x()));
    } else if (kind instanceof Layer.Residual settings) {
      var residual = new ResidualLayer(plan, weights, type, name, shape, settings);
      add(
          layer,
          residual.forward(x, values.get(layer.inputs().get(1))),
          gradient -> {
            var gradients = residual.backward(gradient);
            return List.of(gradients.x(), gradients.offsets());
          });
    } else if (kind instanceof Layer.Attention settings) {
      Tensor input = values.get(layer.inputs().get(1));
      var attention = new AttentionLayer(plan, weights, type, name, shape, settings.heads());
      add(
          layer,
          add(input, attention.forward(x)),
          gradient -> List.of(attention.backward(gradient), gradient));
    } else {
      Tensor other = values.get(layer.inputs().get(1));
      var concatenation = new ConcatenationLayer(plan, x, other);
      add(layer, concatenation.forward(x, other), concatenation::backward);
    }
  }

  private void convolution(Layer layer, ConvolutionLayer convolution, Tensor x) {
    boolean first = layer.inputs().get(0).equals("image");
    add(
        layer,
        convolution.forward(x),
        gradient -> {
          convolution.backwardWeights(gradient);
          return first ? List.of() : List.of(convolution.backwardData(gradient));
        });
  }

  private void add(Layer layer, Tensor result, Backward backward) {
    values.put(layer.name(), result);
    nodes.add(new Node(layer, backward));
  }

  /** The sines of the times, then the cosines: {@code [N, 1]} to {@code [N, size]}. */
  private Tensor timeEmbedding(Tensor times, Layer.TimeEmbedding embedding) {
    int size = embedding.size();
    plan.begin("the time");
    Tensor y = plan.floats(images, size);
    int half = size / 2;
    float[] frequencies = embedding.frequencies();
    plan.add(
        () -> {
          float[] row = new float[size];
          for (int image = 0; image < images; image++) {
            float t = times.floats().get(image);
            for (int i = 0; i < half; i++) {
              float angle = t * frequencies[i];
              row[i] = (float) Math.sin(angle);
              row[half + i] = (float) Math.cos(angle);
            }
            y.floats().put(image * size, row);
          }
        },
        times,
        y);
    return y;
  }
}
