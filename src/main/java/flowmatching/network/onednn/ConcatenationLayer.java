package flowmatching.network.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MULTIPLE_SRC;

import java.util.List;
import org.bytedeco.dnnl.concat;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory_desc_vector;

/** Two batches of images as one with the channels of both. */
final class ConcatenationLayer {
  private final Plan plan;
  private final memory.desc a;
  private final memory.desc b;

  ConcatenationLayer(Plan plan, Tensor first, Tensor second) {
    this.plan = plan;
    this.a = first.layout();
    this.b = Layouts.like(a, a.get_data_type(), Layouts.dimensions(second.layout()));
  }

  Tensor forward(Tensor first, Tensor second) {
    plan.begin("concatenations");
    long[] shape = Layouts.dimensions(a).clone();
    shape[1] += Layouts.dimensions(b)[1];
    Tensor y = plan.tensor(Layouts.like(a, a.get_data_type(), shape));
    plan.add(
        new concat(
            new concat.primitive_desc(plan.engine(), y.layout(), 1, new memory_desc_vector(a, b))),
        new Arguments()
            .with(DNNL_ARG_MULTIPLE_SRC, first)
            .with(DNNL_ARG_MULTIPLE_SRC + 1, plan.in(b, second))
            .with(DNNL_ARG_DST, y));
    return y;
  }

  List<Tensor> backward(Tensor gradient) {
    return List.of(slice(gradient, a, 0), slice(gradient, b, Layouts.dimensions(a)[1]));
  }

  private Tensor slice(Tensor tensor, memory.desc layout, long channel) {
    memory.desc part =
        tensor
            .layout()
            .submemory_desc(Layouts.dimensions(layout), new long[] {0, channel, 0, 0}, false);
    Tensor slice = plan.tensor(layout);
    plan.copy(tensor, tensor.view(part, 0), slice, slice.memory());
    return slice;
  }
}
