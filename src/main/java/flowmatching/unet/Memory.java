package flowmatching.unet;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Uninitialised arrays from DL4J's workspaces, by how long they live. */
record Memory(LayerWorkspaceMgr workspaces) {

  /** Lives until the backward pass of the minibatch ends. */
  INDArray activation(long... shape) {
    return create(ArrayType.ACTIVATIONS, shape);
  }

  /** Lives until the layers before have used it. */
  INDArray gradient(long... shape) {
    return create(ArrayType.ACTIVATION_GRAD, shape);
  }

  /** Lives until this layer's forward or backward pass ends. */
  INDArray scratch(long... shape) {
    return create(ArrayType.FF_WORKING_MEM, shape);
  }

  private INDArray create(ArrayType lifetime, long... shape) {
    return workspaces.createUninitialized(lifetime, DataType.FLOAT, shape, 'c');
  }
}
