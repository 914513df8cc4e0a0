package flowmatching.network.onednn;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * An array of a {@link Plan}. Its place in the plan's memory is known once the plan is complete,
 * and another array can have the same place before its first use and after its last one.
 */
final class Tensor {
  private record View(memory values, long offset) {}

  private final engine processor;
  private final memory.desc layout;

  /** The array that this one has its memory from; null if it has its own. */
  private final Tensor owner;

  private final List<View> views = new ArrayList<>();
  private memory whole;
  private FloatBuffer floats;
  private int firstUse = Integer.MAX_VALUE;
  private int lastUse = -1;

  Tensor(engine processor, memory.desc layout) {
    this(processor, layout, null);
  }

  private Tensor(engine processor, memory.desc layout, Tensor owner) {
    this.processor = processor;
    this.layout = layout;
    this.owner = owner;
  }

  /** The same memory with another shape or layout. */
  Tensor as(memory.desc other) {
    return new Tensor(processor, other, this);
  }

  memory.desc layout() {
    return layout;
  }

  long bytes() {
    return layout.get_size();
  }

  memory memory() {
    if (whole == null) {
      whole = view(layout, 0);
    }
    return whole;
  }

  /** Its memory from some byte on, with another layout. */
  memory view(memory.desc part, long offset) {
    if (owner != null) {
      return owner.view(part, offset);
    }
    memory values = new memory(part, processor, (Pointer) null);
    views.add(new View(values, offset));
    return values;
  }

  /** Its values, for floats. */
  FloatBuffer floats() {
    return owner == null ? floats : owner.floats();
  }

  void use(int step) {
    if (owner != null) {
      owner.use(step);
    }
    firstUse = Math.min(firstUse, step);
    lastUse = Math.max(lastUse, step);
  }

  int firstUse() {
    return firstUse;
  }

  int lastUse() {
    return lastUse;
  }

  void place(BytePointer memory, long offset) {
    for (View view : views) {
      view.values.set_data_handle(memory.getPointer(offset + view.offset));
    }
    BytePointer own = memory.getPointer(offset).capacity(bytes());
    floats = own.asByteBuffer().order(java.nio.ByteOrder.nativeOrder()).asFloatBuffer();
  }
}
