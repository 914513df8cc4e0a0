package flowmatching.network.dl4j;

import flowmatching.network.backend.NumericIdentity;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.AllocationPolicy;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The speed of each of the article's layers, compared with the peak of one thread of this machine:
 * {@code mvn test -Dtest=LayerBenchmark}. It asserts nothing, and no build runs it.
 */
class LayerBenchmark {
  private static final int BATCH = 64;
  private static final int WARM_UP = 30;
  private static final int ROUNDS = 21;
  private static final String WORKSPACE = "layer-benchmark";
  private static final WorkspaceConfiguration CONFIGURATION =
      WorkspaceConfiguration.builder()
          .initialSize(1L << 29)
          .policyAllocation(AllocationPolicy.STRICT)
          .policyLearning(LearningPolicy.NONE)
          .build();

  /**
   * A layer with its size in the network.
   *
   * @param size height and width
   * @param operations multiplications and additions per image of a forward pass; a backward pass
   *     has twice as many
   * @param values read and written per image by a forward pass
   */
  private record Layer(
      String name,
      LayerSettings settings,
      int channels,
      int size,
      double operations,
      double values) {}

  private static List<Layer> layers() {
    return List.of(
        convolution("conv 3x3 32>64 28x28", new Convolution(32, 64, 3, 1, 1), 28, 28),
        convolution("conv 3x3 64>64 28x28", new Convolution(64, 64, 3, 1, 1), 28, 28),
        convolution("conv 3x3 128>16 28x28", new Convolution(128, 16, 3, 1, 1), 28, 28),
        convolution("conv 3x3 128>128 14x14", new Convolution(128, 128, 3, 1, 1), 14, 14),
        convolution("conv 4x4/2 64>64 28x28", new Convolution(64, 64, 4, 2, 1), 28, 14),
        convolution("conv 1x1 128>384 14x14", new Convolution(128, 384, 1, 1, 0), 14, 14),
        new Layer(
            "transposed 4x4 64 14x14",
            new TransposedConvolution(64),
            64,
            14,
            2.0 * 16 * 64 * 64 * 14 * 14,
            5 * 64 * 14 * 14),
        norm("norm 64 28x28", 64, 28),
        norm("norm 128 28x28", 128, 28),
        norm("norm 128 14x14", 128, 14),
        attention("attention 128 14x14", 128, 14),
        attention("attention 64 7x7", 64, 7));
  }

  private static Layer convolution(String name, Convolution layer, int size, int outSize) {
    double kernel = (double) layer.kernel() * layer.kernel();
    double outputs = (double) layer.out() * outSize * outSize;
    return new Layer(
        name,
        layer,
        layer.in(),
        size,
        2 * kernel * layer.in() * outputs,
        (double) layer.in() * size * size + outputs);
  }

  private static Layer norm(String name, int channels, int size) {
    double values = (double) channels * size * size;
    return new Layer(name, new GroupNorm(channels, 8, true), channels, size, 0, 2 * values);
  }

  private static Layer attention(String name, int channels, int size) {
    double pixels = (double) size * size;
    return new Layer(
        name,
        new SelfAttention(channels, 4),
        channels,
        size,
        2 * (4 * channels * channels * pixels + 2 * pixels * pixels * channels),
        3 * channels * pixels);
  }

  @Test
  void printsTheSpeedOfEachLayer() {
    NumericIdentity.useBest();
    System.out.printf("%-24s %9.1f GFLOP/s%n", "a product of 1024x1024", product());
    System.out.printf("%-24s %9.1f GB/s read and written%n", "a copy of 256 MB", copy());
    LayerWorkspaceMgr workspaces = workspaces();
    for (Layer layer : layers()) {
      print(layer, seconds(layer, workspaces));
    }
  }

  private static void print(Layer layer, double[] seconds) {
    String[] passes = {"forward", "backward"};
    for (int pass = 0; pass < passes.length; pass++) {
      double values = layer.values() * (pass + 2) / 2;
      System.out.printf(
          "%-24s %-8s %7.3f ms per image %7.1f GFLOP/s %7.1f GB/s%n",
          layer.name(),
          passes[pass],
          seconds[pass] / BATCH * 1e3,
          BATCH * layer.operations() * (pass + 1) / seconds[pass] * 1e-9,
          BATCH * Float.BYTES * values / seconds[pass] * 1e-9);
    }
  }

  private static double product() {
    int n = 1024;
    INDArray a = Nd4j.rand(DataType.FLOAT, n, n);
    INDArray b = Nd4j.rand(DataType.FLOAT, n, n);
    INDArray c = Nd4j.create(DataType.FLOAT, n, n);
    return 2.0 * n * n * n / median(() -> Nd4j.gemm(a, b, c, false, false, 1, 0)) * 1e-9;
  }

  private static double copy() {
    long values = 1L << 26;
    INDArray from = Nd4j.rand(DataType.FLOAT, values);
    INDArray to = Nd4j.create(DataType.FLOAT, values);
    return 2.0 * Float.BYTES * values / median(() -> to.assign(from)) * 1e-9;
  }

  private static LayerWorkspaceMgr workspaces() {
    LayerWorkspaceMgr.Builder builder = LayerWorkspaceMgr.builder();
    for (ArrayType type :
        List.of(ArrayType.ACTIVATIONS, ArrayType.ACTIVATION_GRAD, ArrayType.FF_WORKING_MEM)) {
      builder.with(type, WORKSPACE, CONFIGURATION);
    }
    return builder.build();
  }

  /** Seconds of a forward and of a backward pass. */
  private static double[] seconds(Layer layer, LayerWorkspaceMgr workspaces) {
    LayerFunction function = layer.settings().function(Kernels.ofBackend());
    Map<String, INDArray> parameters = new LinkedHashMap<>();
    Map<String, INDArray> gradients = new LinkedHashMap<>();
    for (Parameter parameter : layer.settings().parameters()) {
      parameters.put(parameter.name(), normal(parameter.dimensions()));
      gradients.put(parameter.name(), normal(parameter.dimensions()));
    }
    INDArray x = normal(BATCH, layer.channels(), layer.size(), layer.size());
    INDArray[] inputs =
        layer.settings() instanceof SelfAttention ? new INDArray[] {x, x} : new INDArray[] {x};
    Tensors tensors = new Tensors(parameters, gradients);
    Memory memory = new Memory(workspaces);
    double[] forward = new double[ROUNDS];
    double[] backward = new double[ROUNDS];
    INDArray gradient = null;
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      try (MemoryWorkspace open =
          Nd4j.getWorkspaceManager().getAndActivateWorkspace(CONFIGURATION, WORKSPACE)) {
        long start = System.nanoTime();
        INDArray y = function.forward(tensors, memory, inputs);
        long middle = System.nanoTime();
        if (gradient == null) {
          gradient = y.detach();
        }
        long again = System.nanoTime();
        function.backward(gradient, tensors, memory, inputs);
        if (round >= 0) {
          forward[round] = (middle - start) * 1e-9;
          backward[round] = (System.nanoTime() - again) * 1e-9;
        }
        // Uses the variable: the workspace only has to be open.
        open.getId();
      }
    }
    return new double[] {median(forward), median(backward)};
  }

  private static INDArray normal(long... shape) {
    return Nd4j.randn(DataType.FLOAT, shape);
  }

  private static double median(Runnable run) {
    double[] seconds = new double[ROUNDS];
    for (int round = -3; round < ROUNDS; round++) {
      long start = System.nanoTime();
      run.run();
      if (round >= 0) {
        seconds[round] = (System.nanoTime() - start) * 1e-9;
      }
    }
    return median(seconds);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
