package flowmatching.network.dl4j;

import flowmatching.base.settings.ModelSettings;
import flowmatching.base.settings.Precision;
import flowmatching.network.Network;

/** The ways to compute a network, each with its error. */
enum Computation {
  /** ND4J's operations, as on a GPU. */
  DL4J(1e-4, 1e-4) {
    @Override
    Network network(ModelSettings settings) {
      return UNet.ofDl4j(settings);
    }
  },
  FLOAT32(1e-4, 1e-4) {
    @Override
    Network network(ModelSettings settings) {
      return UNet.ofOneDnn(settings, Precision.FLOAT32);
    }
  },
  BFLOAT16(3e-2, 5e-2) {
    @Override
    Network network(ModelSettings settings) {
      return UNet.ofOneDnn(settings, Precision.BFLOAT16);
    }
  };

  private final double error;
  private final double errorOfGradients;

  Computation(double error, double errorOfGradients) {
    this.error = error;
    this.errorOfGradients = errorOfGradients;
  }

  abstract Network network(ModelSettings settings);

  /** The largest relative distance of outputs and losses from the reference. */
  double error() {
    return error;
  }

  /** The largest relative distance of a tensor's gradient. */
  double errorOfGradients() {
    return errorOfGradients;
  }
}
