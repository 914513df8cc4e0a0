package flowmatching.network.onednn;

import flowmatching.base.settings.Precision;
import flowmatching.network.TensorLayout;
import flowmatching.network.backend.NumericIdentity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Milliseconds per image of the article's layers, with one thread, and of what bounds them: {@code
 * mvn test-compile exec:exec@layers}. A layer of oneDNN's primitives alone is its own bound; a norm
 * reads and writes as often as several copies.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@OperationsPerInvocation(LayerBenchmark.IMAGES)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LayerBenchmark {
  static final int IMAGES = 32;

  @Param({"FLOAT32", "BFLOAT16"})
  private Precision precision;

  @Param private Kind layer;

  private engine processor;
  private stream queue;
  private FloatPointer parameters;
  private Weights weights;
  private Plan plan;
  private int forwardSteps;

  /** Layers by kind, channels and size. */
  public enum Kind {
    CONV_3X3_64_64_28(64, 28),
    CONV_3X3_128_128_14(128, 14),
    CONV_3X3_128_16_28(128, 28),
    CONV_4X4_STRIDE_2_64_28(64, 28),
    TRANSPOSED_4X4_64_14(64, 14),
    NORM_SILU_64_28(64, 28),
    NORM_SILU_128_14(128, 14),
    ATTENTION_128_14(128, 14),
    ATTENTION_64_7(64, 7),
    /** The most that a layer of products could reach: matrices of 1024x1024, per image 1/32. */
    PRODUCT_1024(1024, 1),
    /** The most that a layer of sums could reach: a copy of 64 channels of 28x28. */
    COPY_64_28(64, 28);

    private final int channels;
    private final int size;

    Kind(int channels, int size) {
      this.channels = channels;
      this.size = size;
    }
  }

  @Setup
  public void prepare() {
    NumericIdentity.useBest(precision);
    processor = new engine(engine.kind.cpu, 0);
    queue = new stream(processor);
    TensorLayout layout = TensorLayout.of(shapes());
    parameters = new FloatPointer(layout.length());
    parameters.put(new float[layout.length()]);
    weights = new Weights(processor, queue, layout, parameters);
    plan = new Plan(processor, queue);
    data_type type = precision == Precision.BFLOAT16 ? data_type.bf16 : data_type.f32;
    long[] shape = {IMAGES, layer.channels, layer.size, layer.size};
    switch (layer) {
      case CONV_3X3_64_64_28, CONV_3X3_128_128_14, CONV_3X3_128_16_28, CONV_4X4_STRIDE_2_64_28 ->
          convolution(
              new PlainConvolution(plan, weights, type, "", shape, settings()), type, shape);
      case TRANSPOSED_4X4_64_14 ->
          convolution(
              new TransposedConvolution(plan, weights, type, "", shape, layer.channels),
              type,
              shape);
      case NORM_SILU_64_28, NORM_SILU_128_14 -> {
        Tensor x = plan.tensor(layoutOfConvolutions(type, shape));
        GroupNormLayer norm = new GroupNormLayer(plan, weights, "", shape, 8, true);
        Tensor y = norm.forward(x, null);
        forwardSteps = plan.steps();
        norm.backward(plan.tensor(y.layout()), null);
      }
      case ATTENTION_128_14, ATTENTION_64_7 -> {
        Tensor x = plan.tensor(layoutOfConvolutions(type, shape));
        AttentionLayer attention = new AttentionLayer(plan, weights, type, "", shape, 4);
        Tensor y = attention.forward(x);
        forwardSteps = plan.steps();
        attention.backward(plan.tensor(y.layout()));
      }
      case PRODUCT_1024 -> {
        LinearLayer product =
            new LinearLayer(plan, weights, type, "weight", "bias", 1024, 1024, 1024);
        Tensor y = product.forward(plan.tensor(Layouts.of(type, format_tag.ab, 1024, 1024)));
        forwardSteps = plan.steps();
        product.backwardData(y);
        product.backwardWeights(y);
      }
      case COPY_64_28 -> {
        Tensor from = plan.tensor(layoutOfConvolutions(type, shape));
        Tensor to = plan.tensor(from.layout());
        plan.copy(from, from.memory(), to, to.memory());
        forwardSteps = plan.steps();
        plan.copy(to, to.memory(), from, from.memory());
      }
    }
    plan.complete();
  }

  private Layer.Convolution settings() {
    return switch (layer) {
      case CONV_3X3_128_16_28 -> new Layer.Convolution(16, 3, 1, 1);
      case CONV_4X4_STRIDE_2_64_28 -> new Layer.Convolution(64, 4, 2, 1);
      default -> new Layer.Convolution(layer.channels, 3, 1, 1);
    };
  }

  private void convolution(ConvolutionLayer convolution, data_type type, long[] shape) {
    Tensor y = convolution.forward(plan.tensor(layoutOfConvolutions(type, shape)));
    forwardSteps = plan.steps();
    convolution.backwardData(y);
    convolution.backwardWeights(y);
  }

  private memory.desc layoutOfConvolutions(data_type type, long[] shape) {
    boolean blocked = type.value == data_type.f32.value;
    return Layouts.of(type, blocked ? format_tag.nChw16c : format_tag.nhwc, shape);
  }

  private Map<String, List<Long>> shapes() {
    long channels = layer.channels;
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    switch (layer) {
      case NORM_SILU_64_28, NORM_SILU_128_14 -> shapes.put("weight", List.of(channels));
      case ATTENTION_128_14, ATTENTION_64_7 -> {
        shapes.put("in_proj_weight", List.of(3 * channels, channels));
        shapes.put("in_proj_bias", List.of(3 * channels));
        shapes.put("out_proj.weight", List.of(channels, channels));
        shapes.put("out_proj.bias", List.of(channels));
      }
      default -> shapes.put("weight", List.of(channels, channels, 4L, 4L));
    }
    shapes.put("bias", List.of(channels));
    return shapes;
  }

  @Benchmark
  public void forward() {
    plan.run(0, forwardSteps);
  }

  @Benchmark
  public void backward() {
    plan.run(forwardSteps, plan.steps());
  }

  @TearDown
  public void close() {
    plan.close();
    weights.close();
    parameters.deallocate();
    queue.deallocate();
    processor.deallocate();
  }
}
