package flowmatching.network.dl4j;

/** By loops over the processor's own memory, with everything of an image that fits its cache. */
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
