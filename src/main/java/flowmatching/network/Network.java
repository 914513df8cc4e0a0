package flowmatching.network;

import flowmatching.flow.Condition;
import flowmatching.flow.ImageBatch;
import flowmatching.flow.Minibatch;
import java.util.List;

/**
 * A network that predicts the velocity of images under conditions. It serves one thread at a time.
 */
public interface Network extends AutoCloseable {
  /** Names, shapes and places of the parameters, in PyTorch's layout. */
  TensorLayout layout();

  /** A copy of all parameters, in the order of the layout. */
  float[] parameters();

  /**
   * Sets all parameters, also those of all copies.
   *
   * @param parameters in the order of the layout
   */
  void assign(float[] parameters);

  /**
   * The forward pass.
   *
   * @param images x_t, {@code [N, C, H, W]}
   * @param conditions {@code [N]} each, the time first
   * @return the velocity, {@code [N, C, H, W]}
   */
  ImageBatch velocity(ImageBatch images, List<Condition> conditions);

  /**
   * The forward and the backward pass.
   *
   * @param gradient is overwritten with the gradient of the loss, summed over the minibatch's
   *     images, in the order of the layout
   * @return the sum of the losses of the images, see {@link flowmatching.flow.SquaredError}
   */
  double gradient(Minibatch minibatch, float[] gradient);

  /**
   * A network over the same parameters, for another thread. Closing it leaves this one as it is.
   */
  Network copy();

  /** Frees the network. */
  @Override
  void close();
}
