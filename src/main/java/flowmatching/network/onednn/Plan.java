package flowmatching.network.onednn;

import flowmatching.network.backend.HugePages;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * The steps of a pass for one number of images, and the memory of all their arrays, which is
 * allocated once. Arrays that are not needed at the same time share memory.
 *
 * <p>The thread that makes a plan calls {@link #complete} or {@link #close} before it makes another
 * one. Everything native that it creates until then belongs to the plan.
 */
final class Plan implements AutoCloseable {
  private static final String LAYOUT = "layouts";

  /**
   * @param kind of layer that it belongs to
   */
  private record Step(String kind, Runnable work) {}

  private final engine processor;
  private final stream queue;

  // Unchecked in JavaCPP 1.5.7, with which builds for GPUs compile.
  @SuppressWarnings("unchecked")
  private final PointerScope scope = new PointerScope();

  private final List<Step> steps = new ArrayList<>();
  private final List<Tensor> tensors = new ArrayList<>();
  private String kind = "";

  Plan(engine processor, stream queue) {
    this.processor = processor;
    this.queue = queue;
  }

  engine engine() {
    return processor;
  }

  Tensor tensor(memory.desc layout) {
    Tensor tensor = new Tensor(processor, layout);
    tensors.add(tensor);
    return tensor;
  }

  Tensor floats(long... dimensions) {
    return tensor(Layouts.strided(data_type.f32, dimensions, rowMajor(dimensions)));
  }

  private static long[] rowMajor(long[] dimensions) {
    long[] strides = new long[dimensions.length];
    long stride = 1;
    for (int i = dimensions.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= dimensions[i];
    }
    return strides;
  }

  /** Says which kind of layer the next steps belong to, except for changes of layouts. */
  void begin(String kindOfLayer) {
    kind = kindOfLayer;
  }

  void add(primitive work, Arguments arguments) {
    IntMemoryMap map = arguments.map();
    add(() -> work.execute(queue, map), arguments.tensors().toArray(Tensor[]::new));
  }

  /** A step in Java, or one of several primitives. */
  void add(Runnable step, Tensor... uses) {
    add(kind, step, uses);
  }

  private void add(String kindOfStep, Runnable step, Tensor... uses) {
    for (Tensor tensor : uses) {
      tensor.use(steps.size());
    }
    steps.add(new Step(kindOfStep, step));
  }

  /** The tensor in another layout: itself, if it has that already. */
  Tensor in(memory.desc layout, Tensor tensor) {
    if (layout.equals(tensor.layout())) {
      return tensor;
    }
    Tensor other = tensor(layout);
    copy(tensor, tensor.memory(), other, other.memory());
    return other;
  }

  void copy(Tensor from, memory fromView, Tensor to, memory toView) {
    reorder copying = new reorder(fromView, toView);
    add(LAYOUT, () -> copying.execute(queue, fromView, toView), from, to);
  }

  /** Copies a tensor into memory that belongs to no plan. */
  void copyOut(Tensor from, memory to) {
    memory view = from.memory();
    reorder copying = new reorder(view, to);
    add(LAYOUT, () -> copying.execute(queue, view, to), from);
  }

  int steps() {
    return steps.size();
  }

  /** Gives all arrays their memory: the largest first, each at the lowest free place. */
  void complete() {
    List<Tensor> placed = new ArrayList<>();
    List<Long> offsets = new ArrayList<>();
    long size = 0;
    List<Tensor> largestFirst = new ArrayList<>(tensors);
    largestFirst.sort(Comparator.comparingLong(Tensor::bytes).reversed());
    for (Tensor tensor : largestFirst) {
      long offset = 0;
      boolean moved = true;
      while (moved) {
        moved = false;
        for (int i = 0; i < placed.size(); i++) {
          Tensor other = placed.get(i);
          boolean together =
              other.firstUse() <= tensor.lastUse() && tensor.firstUse() <= other.lastUse();
          if (together
              && offsets.get(i) < offset + aligned(tensor.bytes())
              && offset < offsets.get(i) + aligned(other.bytes())) {
            offset = offsets.get(i) + aligned(other.bytes());
            moved = true;
          }
        }
      }
      placed.add(tensor);
      offsets.add(offset);
      size = Math.max(size, offset + aligned(tensor.bytes()));
    }
    BytePointer arena = new BytePointer(size + HugePages.BYTES);
    long start = -arena.address() & (HugePages.BYTES - 1);
    HugePages.advise(arena.address() + start, size);
    Pointer.memset(arena.getPointer(start), 0, size);
    for (int i = 0; i < placed.size(); i++) {
      placed.get(i).place(arena, start + offsets.get(i));
    }
    // The first end of an extended scope only stops it from owning what is created later.
    scope.extend().close();
  }

  /** Frees the memory. */
  @Override
  public void close() {
    scope.close();
  }

  private static long aligned(long bytes) {
    return (bytes + 63) / 64 * 64;
  }

  void run(int from, int to) {
    for (int i = from; i < to; i++) {
      steps.get(i).work().run();
    }
  }

  /** Runs the steps of some kinds alone. */
  void run(int from, int to, Set<String> kinds) {
    for (Step step : steps.subList(from, to)) {
      if (kinds.contains(step.kind())) {
        step.work().run();
      }
    }
  }

  /** Runs all steps, and adds the seconds of each kind to a map. */
  void time(Map<String, Double> seconds) {
    for (Step step : steps) {
      long start = System.nanoTime();
      step.work().run();
      seconds.merge(step.kind(), (System.nanoTime() - start) * 1e-9, Double::sum);
    }
  }
}
