package flowmatching.network.onednn;

import org.bytedeco.dnnl.memory.data_type;

/** A layer of the time's vectors in 32-bit floats: {@code [N, in]} to {@code [N, out]}. */
final class DenseLayer {
  private final Plan plan;
  private final LinearLayer product;
  private final boolean swish;
  private Tensor z;

  DenseLayer(Plan plan, Weights weights, String name, long rows, Layer.Linear settings) {
    this.plan = plan;
    this.swish = settings.swish();
    this.product =
        new LinearLayer(
            plan,
            weights,
            data_type.f32,
            name + "weight",
            name + "bias",
            rows,
            settings.in(),
            settings.out());
  }

  Tensor forward(Tensor x) {
    z = product.forward(x);
    return swish ? Swish.forward(plan, z) : z;
  }

  /** Writes the parameters' gradients, and returns the gradient before the activation. */
  Tensor backwardWeights(Tensor gradient) {
    Tensor ofZ = swish ? Swish.backward(plan, z, gradient) : gradient;
    product.backwardWeights(ofZ);
    return ofZ;
  }

  /** The input's gradient from that before the activation. */
  Tensor backwardData(Tensor ofZ) {
    return product.backwardData(ofZ);
  }
}
