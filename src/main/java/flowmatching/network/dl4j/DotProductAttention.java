package flowmatching.network.dl4j;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The scaled dot-product attention within {@link SelfAttention} (Vaswani et al. 2017,
 * arXiv:1706.03762, section 3.2.1). For each image and head, with queries Q, keys K and values V
 * {@code [d, L]}, d = C / heads and L = H W: P = softmax(Q'K / sqrt(d)) over keys, {@code [L, L]};
 * result V P', {@code [d, L]}.
 */
interface DotProductAttention {
  /**
   * The result of all heads.
   *
   * @param projected queries, keys and values of all heads, {@code [N, 3 C, H, W]}
   * @return {@code [N, C, H, W]}, in {@link Memory#activation}
   */
  INDArray forward(INDArray projected, Memory memory);

  /**
   * Called once after {@link #forward} with the same projections.
   *
   * @param gradient of the loss with respect to the result, {@code [N, C, H, W]}
   * @return the gradient with respect to the projections, {@code [N, 3 C, H, W]}, in {@link
   *     Memory#scratch}
   */
  INDArray backward(INDArray projected, INDArray gradient, Memory memory);
}
