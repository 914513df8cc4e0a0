package flowmatching.network;

import flowmatching.flow.Condition;
import flowmatching.flow.ImageBatch;
import flowmatching.flow.Minibatch;
import flowmatching.flow.VelocityField;
import java.util.List;

/**
 * A network that predicts the velocity of images under conditions. A network is used by one thread
 * at a time; {@link #copy} makes one for another thread. Vectors of parameters and gradients are in
 * the order of {@link #layout} and have its length.
 */
public interface Network extends AutoCloseable {
  /** Names, shapes and positions of the parameters, as in PyTorch. */
  TensorLayout layout();

  /** A copy of all parameters. */
  float[] parameters();

  /**
   * Sets all parameters, also those of all copies.
   *
   * @param parameters are copied
   * @throws IllegalArgumentException if there are more or fewer than in the layout
   */
  void assign(float[] parameters);

  /**
   * The forward pass: the velocity, {@code [N, C, H, W]}, in its own memory.
   *
   * @param images x_t, {@code [N, C, H, W]}
   * @param conditions {@code [N]} each, the time first
   * @throws IllegalArgumentException if the network does not have these conditions
   */
  ImageBatch velocity(ImageBatch images, List<Condition> conditions);

  /** The velocity with the time as the only condition. */
  default VelocityField field() {
    return (x, time) -> velocity(x, List.of(Condition.time(time, x.images())));
  }

  /**
   * The forward and the backward pass.
   *
   * @param minibatch of N images
   * @param gradient is overwritten with the gradient of the returned sum
   * @return the sum (not the mean) of the images' losses, see {@link
   *     flowmatching.flow.SquaredError}
   * @throws IllegalArgumentException if the network does not have the minibatch's conditions
   */
  double gradient(Minibatch minibatch, float[] gradient);

  /** A network over the same parameters, for another thread. It must be closed before this one. */
  Network copy();

  /** Frees the network's memory outside the heap; a copy does not free the parameters. */
  @Override
  void close();
}
