package flowmatching.flow;

import java.io.Serializable;
import java.util.stream.IntStream;

/**
 * The coupling q(x, z): which noise is paired with which image of a minibatch (Tong et al. 2023,
 * arXiv:2302.00482, section 3). Implementations are stateless and give the same pairs for the same
 * arguments.
 *
 * <p>A minibatch is what one replica trains on in a step: the batch divided by the number of
 * replicas. Validation has minibatches of its own.
 */
public interface Coupling extends Serializable {
  /** The independent coupling q(x) q(z): each image keeps the noise that was drawn for it. */
  Coupling INDEPENDENT = (images, noise) -> IntStream.range(0, images.images()).toArray();

  /**
   * The index of the noise of each image, {@code [N]}: a permutation of [0, N).
   *
   * @param images {@code [N, C, H, W]}
   * @param noise {@code [N, C, H, W]}, drawn independently for the image at the same index
   */
  int[] pair(ImageBatch images, ImageBatch noise);
}
