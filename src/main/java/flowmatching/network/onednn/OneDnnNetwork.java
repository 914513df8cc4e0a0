package flowmatching.network.onednn;

import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.Precision;
import flowmatching.flow.Condition;
import flowmatching.flow.ImageBatch;
import flowmatching.flow.Minibatch;
import flowmatching.flow.SquaredError;
import flowmatching.network.Network;
import flowmatching.network.TensorLayout;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.FloatPointer;

/** A {@link Network} computed by oneDNN on the processor. */
public final class OneDnnNetwork implements Network {
  /**
   * What the copies of a network have in common.
   *
   * @param version counts the changes of the parameters
   */
  private record Shared(
      List<Layer> layers,
      TensorLayout layout,
      ImageShape shape,
      Precision precision,
      FloatPointer parameters,
      AtomicInteger version) {}

  private final Shared shared;
  private final boolean isCopy;
  private final PreparedPasses passes;
  private int versionOfWeights;

  /**
   * A network with all parameters zero.
   *
   * @param layers in the order of a forward pass
   * @param precision not {@link Precision#AUTO}
   */
  public OneDnnNetwork(
      List<Layer> layers, TensorLayout layout, ImageShape shape, Precision precision) {
    this(
        new Shared(
            layers,
            layout,
            shape,
            precision,
            new FloatPointer(layout.length()),
            new AtomicInteger()),
        false);
    assign(new float[layout.length()]);
  }

  private OneDnnNetwork(Shared shared, boolean isCopy) {
    this.shared = shared;
    this.isCopy = isCopy;
    this.passes =
        new PreparedPasses(
            shared.layers(),
            shared.layout(),
            shared.shape(),
            shared.precision(),
            shared.parameters());
  }

  @Override
  public TensorLayout layout() {
    return shared.layout();
  }

  @Override
  public float[] parameters() {
    float[] copy = new float[layout().length()];
    shared.parameters().get(copy);
    return copy;
  }

  @Override
  public void assign(float[] parameters) {
    if (parameters.length != layout().length()) {
      throw new IllegalArgumentException(
          "The network has %d parameters, and was given %d."
              .formatted(layout().length(), parameters.length));
    }
    shared.parameters().put(parameters);
    shared.version().incrementAndGet();
  }

  private Passes passes(int images, boolean training) {
    int version = shared.version().get();
    if (versionOfWeights != version) {
      passes.weights().refresh();
      versionOfWeights = version;
    }
    return passes.of(images, training);
  }

  @Override
  public ImageBatch velocity(ImageBatch images, List<Condition> conditions) {
    ImageBatch velocity = ImageBatch.zeros(images.shape(), images.images());
    passes(images.images(), false)
        .forward(images.values(), Condition.onlyTime(conditions), velocity.values());
    return velocity;
  }

  @Override
  public double gradient(Minibatch minibatch, float[] gradient) {
    Passes both = passes(minibatch.images(), true);
    ImageBatch velocity = ImageBatch.zeros(shared.shape(), minibatch.images());
    both.forward(
        minibatch.points().values(), Condition.onlyTime(minibatch.conditions()), velocity.values());
    both.backward(SquaredError.gradient(velocity, minibatch).values());
    passes.weights().gradients().get(gradient);
    return SquaredError.sum(velocity, minibatch);
  }

  @Override
  public Network copy() {
    return new OneDnnNetwork(shared, true);
  }

  @Override
  public void close() {
    passes.close();
    if (!isCopy) {
      shared.parameters().deallocate();
    }
  }
}
