package flowmatching.sample;

import flowmatching.flow.EulerSolver;
import flowmatching.image.Drawing;
import flowmatching.image.Image;
import flowmatching.model.Model;
import flowmatching.settings.SampleSettings;
import flowmatching.unet.NetworkVelocity;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Makes images of ids with a network of its own, for one thread. An image depends on the model, the
 * settings, its id, and the ids it is grouped with.
 */
final class Sampler implements AutoCloseable {
  private final Drawing drawing;
  private final ComputationGraph network;

  Sampler(Model model, SampleSettings run) {
    var solver =
        switch (run.solver()) {
          case EULER -> new EulerSolver(run.steps());
        };
    this.drawing = new Drawing(model.settings().image(), run.seed(), solver);
    this.network = model.network();
  }

  /** The images of {@code count} ids, computed together. */
  List<Image> images(long first, int count) {
    return drawing.images(new NetworkVelocity(network), first, count);
  }

  /** Frees the network, and the memory that ND4J keeps for the thread's next pass. */
  @Override
  public void close() {
    network.close();
    Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread();
  }
}
