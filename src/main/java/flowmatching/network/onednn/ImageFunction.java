package flowmatching.network.onednn;

import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.Precision;
import flowmatching.flow.ImageBatch;
import flowmatching.network.TensorLayout;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;

/** The forward pass of layers without a time, computed by oneDNN in 32-bit floats. */
public final class ImageFunction implements AutoCloseable {
  private static final float[] NO_TIMES = {};

  private final FloatPointer parameters;
  private final PreparedPasses passes;

  /**
   * A function with all parameters zero.
   *
   * @param layers in the order of a forward pass
   * @param layout of all parameters, of which the layers may need only some
   * @param shape of an input image
   */
  public ImageFunction(List<Layer> layers, TensorLayout layout, ImageShape shape) {
    this.parameters = new FloatPointer(layout.length());
    this.passes = new PreparedPasses(layers, layout, shape, Precision.FLOAT32, parameters);
    assign(new float[layout.length()]);
  }

  /** Sets all parameters, in the order of the layout. */
  public void assign(float[] values) {
    parameters.put(values);
    passes.weights().refresh();
  }

  /** The last layer's result, {@code [N, C, H, W]}, of images {@code [N, C, H, W]}. */
  public float[] of(ImageBatch images) {
    Passes forward = passes.of(images.images(), false);
    float[] result = new float[forward.values()];
    forward.forward(images.values(), NO_TIMES, result);
    return result;
  }

  @Override
  public void close() {
    passes.close();
    parameters.deallocate();
  }
}
