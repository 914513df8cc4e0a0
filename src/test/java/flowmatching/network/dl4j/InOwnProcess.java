package flowmatching.network.dl4j;

import flowmatching.Norms;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.Precision;
import flowmatching.flow.Condition;
import flowmatching.flow.ImageBatch;
import flowmatching.flow.Minibatch;
import flowmatching.means.model.TinyModel;
import flowmatching.network.Network;
import flowmatching.network.backend.NumericIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A process for {@link OneDnnProcessTest}, which prints what it finds: a process chooses its
 * instruction set once, and its memory must be its own to be measured.
 */
final class InOwnProcess {
  private static final int PAGE_BYTES = 4096;

  private InOwnProcess() {}

  public static void main(String[] args) throws IOException {
    switch (args[0]) {
      case "parity" -> parity();
      case "bfloat16" -> bfloat16();
      case "openmp" -> openMp();
      default -> growth(Precision.valueOf(args[1]));
    }
  }

  private static void parity() {
    System.out.println(NumericIdentity.useBest(Precision.FLOAT32).oneDnn().instructions());
    for (String folder : List.of("seed", "small")) {
      GoldenFolder golden = GoldenFolder.at(Path.of("src/test/resources/parity/" + folder));
      float[] expected = golden.values("velocity");
      float[] velocity =
          golden
              .network(Computation.FLOAT32)
              .velocity(golden.images("xt"), List.of(Condition.time(golden.values("t"))))
              .values();
      System.out.println(Norms.distance(velocity, expected) / Norms.of(expected));
    }
  }

  private static void bfloat16() {
    try {
      System.out.println(NumericIdentity.useBest(Precision.AUTO).precision());
      NumericIdentity.useBest(Precision.BFLOAT16);
    } catch (EnvironmentFailure e) {
      System.out.println(e.getMessage());
    }
  }

  /** The OpenMP runtimes of a process that has computed. */
  private static void openMp() throws IOException {
    step(network(Precision.FLOAT32), new float[TinyModel.parameters(1, 1).length]);
    Files.readAllLines(Path.of("/proc/self/maps")).stream()
        .map(line -> line.replaceFirst("^[^/]*", ""))
        .filter(file -> file.matches(".*/lib[a-z]*omp[0-9]*\\.so.*"))
        .distinct()
        .forEach(System.out::println);
  }

  /** Megabytes by which resident memory grows after a warm-up. */
  private static void growth(Precision precision) throws IOException {
    Network network = network(precision);
    float[] gradient = new float[network.layout().length()];
    run(network, gradient, 2000, 400);
    long before = residentBytes();
    run(network, gradient, 20_000, 2000);
    System.out.println((residentBytes() - before) >> 20);
  }

  private static void run(Network network, float[] gradient, int forward, int training) {
    ImageBatch x = ImageBatch.zeros(TinyModel.settings(1).image(), 4);
    for (int i = 0; i < forward; i++) {
      network.velocity(x, List.of(Condition.time(0.5, 4)));
    }
    for (int i = 0; i < training; i++) {
      step(network, gradient);
    }
  }

  private static void step(Network network, float[] gradient) {
    ImageBatch x = ImageBatch.zeros(TinyModel.settings(1).image(), 4);
    float[] weights = new float[4];
    Arrays.fill(weights, 1);
    network.gradient(new Minibatch(x, List.of(Condition.time(0.5, 4)), x, weights), gradient);
    network.assign(network.parameters());
  }

  private static Network network(Precision precision) {
    Precision chosen = NumericIdentity.useBest(precision).precision();
    Network network = UNet.create(TinyModel.settings(1), chosen, 1);
    network.assign(TinyModel.parameters(1, 1));
    return network;
  }

  private static long residentBytes() throws IOException {
    return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ", -1)[1])
        * PAGE_BYTES;
  }
}
