package flowmatching.network.backend;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A process for {@link NativeThreadsTest}, because a process settles its threads once. For each
 * argument it loads ND4J, or settles the threads, computes, and prints the number of threads or the
 * failure.
 */
final class ThreadCount {
  /** OpenMP's threads inherit the name of the thread that starts them. */
  private static final String NAME = "computing";

  private ThreadCount() {}

  public static void main(String[] args) throws InterruptedException {
    for (var step : args) {
      if (step.equals("load")) {
        Nd4j.getBackend();
        continue;
      }
      try {
        NumericIdentity.useBest(Precision.FLOAT32);
        var thread = new Thread(ThreadCount::compute, NAME);
        thread.start();
        thread.join();
      } catch (EnvironmentFailure e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private static void compute() {
    INDArray x = Nd4j.rand(new int[] {16, 16, 28, 28});
    INDArray y = Nd4j.create(16, 16, 28, 28);
    Nd4j.exec(
        DynamicCustomOp.builder("conv2d")
            .addInputs(x, Nd4j.rand(new int[] {16, 16, 3, 3}))
            .addOutputs(y)
            .addIntegerArguments(3, 3, 1, 1, 1, 1, 1, 1, 0, 0, 1)
            .build());
    System.out.printf(
        "%d for OpenMP, %d for BLAS%n",
        threadsWithTheName(), Nd4j.factory().blas().getMaxThreads());
  }

  private static long threadsWithTheName() {
    try (var tasks = Files.list(Path.of("/proc/self/task"))) {
      return tasks.map(task -> task.resolve("comm")).filter(ThreadCount::hasTheName).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean hasTheName(Path comm) {
    try {
      return Files.readString(comm).equals(NAME + "\n");
    } catch (IOException e) {
      return false; // A thread that ended meanwhile.
    }
  }
}
