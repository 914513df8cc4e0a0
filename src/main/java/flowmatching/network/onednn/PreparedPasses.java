package flowmatching.network.onednn;

import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.Precision;
import flowmatching.network.TensorLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;

/** The passes of a network for the numbers of images that it computed last. */
final class PreparedPasses implements AutoCloseable {
  private static final int MAX = 6;

  private record Key(int images, boolean training) {}

  private final List<Layer> layers;
  private final ImageShape shape;
  private final data_type type;
  private final engine processor = new engine(engine.kind.cpu, 0);
  private final stream queue = new stream(processor);
  private final Weights weights;

  /** The one used last is the last one. */
  private final Map<Key, Passes> passes = new LinkedHashMap<>();

  /**
   * @param shape of an input image
   * @param parameters are read, and belong to the caller
   */
  PreparedPasses(
      List<Layer> layers,
      TensorLayout layout,
      ImageShape shape,
      Precision precision,
      FloatPointer parameters) {
    this.layers = layers;
    this.shape = shape;
    this.type = precision == Precision.BFLOAT16 ? data_type.bf16 : data_type.f32;
    this.weights = new Weights(processor, queue, layout, parameters);
  }

  Weights weights() {
    return weights;
  }

  Passes of(int images, boolean training) {
    Key key = new Key(images, training);
    Passes found = passes.remove(key);
    if (found == null) {
      if (passes.size() == MAX) {
        passes.remove(passes.keySet().iterator().next()).close();
      }
      Plan plan = new Plan(processor, queue);
      found = Passes.of(layers, plan, weights, type, shape, images, training);
    }
    passes.put(key, found);
    return found;
  }

  @Override
  public void close() {
    passes.values().forEach(Passes::close);
    passes.clear();
    weights.close();
    queue.deallocate();
    processor.deallocate();
  }
}
