package flowmatching.unet;

import flowmatching.flow.VelocityField;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The velocity that a network predicts. One network serves one caller at a time. */
public record NetworkVelocity(NetworkCopies copies) implements VelocityField {

  /** The velocity by one thread. */
  public NetworkVelocity(ComputationGraph network) {
    this(new NetworkCopies(network, 1));
  }

  @Override
  public INDArray at(INDArray x, double time) {
    INDArray velocity = Nd4j.createUninitialized(DataType.FLOAT, x.shape());
    try {
      compute(x, time, velocity);
      return velocity;
    } catch (RuntimeException | Error e) {
      velocity.close();
      throw e;
    }
  }

  private void compute(INDArray x, double time, INDArray velocity) {
    copies.share(
        x.size(0),
        (network, pieces) -> {
          for (NetworkCopies.Piece piece : pieces) {
            INDArray images = piece.of(x);
            try (INDArray times =
                Nd4j.valueArrayOf(new long[] {images.size(0), 1}, time, DataType.FLOAT)) {
              INDArray ofImages = network.outputSingle(images, times);
              try {
                piece.of(velocity).assign(ofImages);
              } finally {
                closeIfAllowed(ofImages);
              }
            }
          }
          return velocity;
        });
  }

  /** DL4J 1.0.0-M1.1 keeps a network's output to itself. */
  static void closeIfAllowed(INDArray array) {
    if (array.closeable()) {
      array.close();
    }
  }
}
