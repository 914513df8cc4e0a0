package flowmatching.network.dl4j;

/** ND4J's operations. */
record OperationKernels() implements Kernels {
  @Override
  public LayerFunction groupNorm(GroupNorm layer) {
    return new GroupNormOperations(layer);
  }

  @Override
  public LayerFunction pointwiseConvolution(Convolution layer) {
    return layer.operations();
  }

  @Override
  public PointwiseProduct pointwiseProduct() {
    return new PointwiseProductOperations();
  }

  @Override
  public DotProductAttention attention(SelfAttention layer) {
    return new DotProductAttentionOperations(layer);
  }
}
