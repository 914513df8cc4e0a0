package flowmatching.network.dl4j;

import flowmatching.flow.Condition;
import flowmatching.flow.ImageBatch;
import flowmatching.flow.Minibatch;
import flowmatching.flow.SquaredError;
import flowmatching.network.Network;
import flowmatching.network.TensorLayout;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A {@link Network} over DL4J's graph, which takes the time as its only condition.
 *
 * @param isCopy whether the parameters belong to another network, which closes them
 */
record GraphNetwork(VelocityGraph graph, GraphVectors vectors, boolean isCopy) implements Network {
  @Override
  public TensorLayout layout() {
    return vectors.layout();
  }

  @Override
  public float[] parameters() {
    float[] values = new float[layout().length()];
    vectors.read(graph.params(), values);
    return values;
  }

  @Override
  public void assign(float[] parameters) {
    vectors.write(parameters, graph.params());
  }

  @Override
  public ImageBatch velocity(ImageBatch images, List<Condition> conditions) {
    try (INDArray x = FloatArrays.of(images);
        INDArray times = FloatArrays.column(Condition.onlyTime(conditions))) {
      INDArray velocity = graph.outputSingle(x, times);
      try {
        return new ImageBatch(images.shape(), FloatArrays.of(velocity));
      } finally {
        // Not if DL4J owns it, as 1.0.0-M1.1 does.
        if (velocity.closeable()) {
          velocity.close();
        }
      }
    }
  }

  @Override
  public double gradient(Minibatch minibatch, float[] gradient) {
    double[] losses = new double[1];
    try (INDArray x = FloatArrays.of(minibatch.points());
        INDArray times = FloatArrays.column(Condition.onlyTime(minibatch.conditions()))) {
      graph.backward(
          new INDArray[] {x, times},
          output -> {
            ImageBatch velocity =
                new ImageBatch(minibatch.points().shape(), FloatArrays.of(output));
            losses[0] = SquaredError.sum(velocity, minibatch);
            return FloatArrays.of(SquaredError.gradient(velocity, minibatch));
          });
    }
    vectors.read(graph.getFlattenedGradients(), gradient);
    return losses[0];
  }

  @Override
  public GraphNetwork copy() {
    return new GraphNetwork(graph.overSameParameters(), vectors, true);
  }

  @Override
  public void close() {
    if (isCopy) {
      GraphMemory.freeGradients(graph);
    } else {
      GraphMemory.free(graph);
    }
  }
}
