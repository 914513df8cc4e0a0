package flowmatching.network.dl4j;

/** Loops over the processor's memory, an image at a time so that its values stay in the cache. */
record HostKernels() implements Kernels {
  @Override
  public LayerFunction groupNorm(GroupNorm layer) {
    return new GroupNormKernel(layer);
  }

  @Override
  public LayerFunction pointwiseConvolution(Convolution layer) {
    return new PointwiseConvolutionKernel(layer);
  }

  @Override
  public PointwiseProduct pointwiseProduct() {
    return new PointwiseProductKernel();
  }

  @Override
  public DotProductAttention attention(SelfAttention layer) {
    return new DotProductAttentionKernel(layer);
  }
}
