package flowmatching.sample;

import flowmatching.flow.EulerSolver;
import flowmatching.flow.RandomStream;
import flowmatching.flow.RandomStream.Purpose;
import flowmatching.flow.Solver;
import flowmatching.image.Image;
import flowmatching.model.Model;
import flowmatching.settings.ImageShape;
import flowmatching.settings.SampleSettings;
import flowmatching.unet.NetworkVelocity;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Makes images of ids with a network of its own, for one thread. An image depends on the model, the
 * settings, its id, and the ids it is grouped with.
 */
final class Sampler implements AutoCloseable {
  private final ImageShape shape;
  private final long seed;
  private final Solver solver;
  private final ComputationGraph network;

  Sampler(Model model, SampleSettings run) {
    this.shape = model.settings().image();
    this.seed = run.seed();
    this.solver =
        switch (run.solver()) {
          case EULER -> new EulerSolver(run.steps());
        };
    this.network = model.network();
  }

  /** The images of {@code count} ids, computed together. */
  List<Image> images(long first, int count) {
    var values = solve(noise(first, count), count);
    var length = values.length / count;
    return IntStream.range(0, count)
        .mapToObj(i -> Arrays.copyOfRange(values, i * length, (i + 1) * length))
        .map(image -> Image.ofNetwork(shape.channels(), shape.height(), shape.width(), image))
        .toList();
  }

  /** Standard normals [count, C, H, W]: each image's depend on its id and the seed alone. */
  private float[] noise(long first, int count) {
    var length = shape.channels() * shape.height() * shape.width();
    var noise = new float[Math.multiplyExact(count, length)];
    for (int i = 0; i < count; i++) {
      new RandomStream(seed, Purpose.SAMPLE_NOISE, 0, first + i).normals(noise, i * length, length);
    }
    return noise;
  }

  private float[] solve(float[] noise, int count) {
    long[] dimensions = {count, shape.channels(), shape.height(), shape.width()};
    try (INDArray start = Nd4j.create(noise, dimensions, 'c');
        INDArray end = solver.solve(new NetworkVelocity(network), start)) {
      return end.reshape(end.length()).toFloatVector();
    }
  }

  /** Frees the network, and the memory that ND4J keeps for the thread's next pass. */
  @Override
  public void close() {
    network.close();
    Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread();
  }
}
