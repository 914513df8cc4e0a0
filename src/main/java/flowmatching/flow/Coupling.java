package flowmatching.flow;

import java.io.Serializable;

/** Which noise becomes which image (Tong et al. 2023, arXiv:2302.00482). */
public interface Coupling extends Serializable {
  /**
   * Pairs the images of a batch with its noise.
   *
   * @param images {@code [N, C, H, W]}
   * @param noise {@code [N, C, H, W]}, drawn for the image at the same place
   * @return the place of the noise of each image, {@code [N]}: a permutation
   */
  int[] pair(ImageBatch images, ImageBatch noise);
}
