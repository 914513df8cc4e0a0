package flowmatching.network.dl4j;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Uninitialised arrays from DL4J's workspaces, by lifetime.
 *
 * @param gradients the lifetime of gradients
 */
record Memory(LayerWorkspaceMgr workspaces, ArrayType gradients) {

  /** The memory of a layer of the network. */
  Memory(LayerWorkspaceMgr workspaces) {
    this(workspaces, ArrayType.ACTIVATION_GRAD);
  }

  /** For a layer within a layer: nobody else uses its gradients, so they live like scratch. */
  Memory within() {
    return new Memory(workspaces, ArrayType.FF_WORKING_MEM);
  }

  /** Lives until the backward pass of the minibatch ends. */
  INDArray activation(long... shape) {
    return create(ArrayType.ACTIVATIONS, shape);
  }

  /** Lives until the preceding layers have used it. */
  INDArray gradient(long... shape) {
    return create(gradients, shape);
  }

  /** A copy of a gradient that a layer passes on, because a layer must return its own arrays. */
  INDArray copy(INDArray gradient) {
    return gradient(gradient.shape()).assign(gradient);
  }

  /** Lives until this layer's forward or backward pass ends. */
  INDArray scratch(long... shape) {
    return create(ArrayType.FF_WORKING_MEM, shape);
  }

  private INDArray create(ArrayType lifetime, long... shape) {
    return workspaces.createUninitialized(lifetime, DataType.FLOAT, shape, 'c');
  }
}
