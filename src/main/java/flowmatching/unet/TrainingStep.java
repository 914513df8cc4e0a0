package flowmatching.unet;

import flowmatching.unet.NetworkCopies.Piece;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * A step of training: the gradient of a minibatch, by all threads of a replica, and the optimiser's
 * step.
 */
public final class TrainingStep {
  private final NetworkCopies copies;

  /** Steps of a network, whose optimiser state and iteration count they carry on. */
  public TrainingStep(NetworkCopies copies) {
    this.copies = copies;
  }

  /** Steps that the network has made. */
  public int iteration() {
    return copies.network().getConfiguration().getIterationCount();
  }

  /**
   * Makes a step.
   *
   * @param share what becomes of the gradient before the optimiser has it: the sum over the
   *     minibatch's images, in the order of the network's parameters
   * @return the mean loss of the minibatch before the step
   */
  public double make(MultiDataSet minibatch, Consumer<INDArray> share) {
    long images = minibatch.getFeatures(0).size(0);
    List<Sum> sums = copies.share(images, (copy, pieces) -> sum(copy, minibatch, pieces));
    double losses = sums.get(0).losses();
    INDArray gradient = sums.get(0).gradient();
    for (Sum sum : sums.subList(1, sums.size())) {
      losses += sum.losses();
      gradient.addi(sum.gradient());
    }
    share.accept(gradient);
    update(Math.toIntExact(images));
    return losses / images;
  }

  /** Over the images of a thread: the gradient is where its network keeps it. */
  private record Sum(double losses, INDArray gradient) {}

  private static Sum sum(ComputationGraph network, MultiDataSet minibatch, List<Piece> pieces) {
    double losses = losses(network, minibatch, pieces.get(0));
    INDArray gradient = network.getFlattenedGradients();
    if (pieces.size() > 1) {
      try (INDArray sum = gradient.dup()) {
        for (Piece piece : pieces.subList(1, pieces.size())) {
          losses += losses(network, minibatch, piece);
          sum.addi(gradient);
        }
        gradient.assign(sum);
      }
    }
    network.clear();
    return new Sum(losses, gradient);
  }

  /** Leaves a piece's gradient in the network. */
  private static double losses(ComputationGraph network, MultiDataSet minibatch, Piece piece) {
    network.setInputs(of(minibatch.getFeatures(), piece));
    network.setLabels(of(minibatch.getLabels(), piece));
    network.computeGradientAndScore();
    return network.score() * piece.images();
  }

  private static INDArray[] of(INDArray[] arrays, Piece piece) {
    return Arrays.stream(arrays).map(piece::of).toArray(INDArray[]::new);
  }

  /** As DL4J does it, which divides the gradient by the number of images. */
  private void update(int images) {
    ComputationGraph network = copies.network();
    ComputationGraphConfiguration configuration = network.getConfiguration();
    int iteration = configuration.getIterationCount();
    network
        .getUpdater()
        .update(
            network.gradient(),
            iteration,
            configuration.getEpochCount(),
            images,
            LayerWorkspaceMgr.noWorkspaces());
    INDArray parameters = network.params();
    parameters.subi(network.getFlattenedGradients().reshape(parameters.shape()));
    configuration.setIterationCount(iteration + 1);
  }
}
