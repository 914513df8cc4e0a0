package flowmatching.network.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.softmax_backward;
import org.bytedeco.dnnl.softmax_forward;

/**
 * Multi-head self-attention between the pixels of an image (Vaswani et al. 2017, arXiv:1706.03762,
 * section 3.2), with channels last: {@code [N, L, C]} with L = H W. For each image and head, with
 * queries Q, keys K and values V {@code [L, d]}, d = C / heads: P = softmax(Q K' / sqrt(d)) over
 * keys, {@code [L, L]}; result O = P V. With g = dL/dO: dL/dV = P' g, dL/dP = g V', dL/dQ = dL/dS K
 * / sqrt(d), dL/dK = dL/dS' Q / sqrt(d). The backward pass computes P again, since those of all
 * images would take memory with the fourth power of their height.
 */
final class AttentionLayer {
  private static final String KIND = "attention";

  private static final int QUERIES = 0;
  private static final int KEYS = 1;
  private static final int VALUES = 2;

  private final Plan plan;
  private final data_type type;
  private final long images;
  private final long channels;
  private final long heads;
  private final long pixels;
  private final float scale;
  private final LinearLayer inProjection;
  private final LinearLayer outProjection;
  private final memory.desc scoresLayout;
  private final memory.desc channelsLast;
  private softmax_forward toProbabilities;
  private Tensor projected; // [N, L, 3 C]
  private Tensor mixed; // [N, L, C]

  AttentionLayer(Plan plan, Weights weights, data_type type, String name, long[] shape, int heads) {
    this.plan = plan;
    this.type = type;
    this.images = shape[0];
    this.channels = shape[1];
    this.heads = heads;
    this.pixels = shape[2] * shape[3];
    this.scale = (float) (1 / Math.sqrt((double) channels / heads));
    int width = (int) channels;
    long rows = images * pixels;
    this.inProjection =
        new LinearLayer(
            plan,
            weights,
            type,
            name + "in_proj_weight",
            name + "in_proj_bias",
            rows,
            width,
            3 * width);
    this.outProjection =
        new LinearLayer(
            plan,
            weights,
            type,
            name + "out_proj.weight",
            name + "out_proj.bias",
            rows,
            width,
            width);
    this.scoresLayout = Layouts.of(type, format_tag.abc, heads, pixels, pixels);
    this.channelsLast = Layouts.of(type, format_tag.nhwc, shape);
  }

  /** The result before it is added to the input, with channels last. */
  Tensor forward(Tensor input) {
    Tensor x = plan.in(channelsLast, input);
    projected = inProjection.forward(x);
    plan.begin(KIND);
    mixed = plan.tensor(Layouts.of(type, format_tag.ab, images * pixels, channels));
    Tensor scores = plan.tensor(scoresLayout);
    toProbabilities = new softmax_forward(softmax());
    for (int i = 0; i < images; i++) {
      probabilities(i, scores);
      product(
          scores.memory(),
          part(projected, VALUES, i),
          ofHeads(mixed, i),
          1,
          scores,
          projected,
          mixed);
    }
    return outProjection.forward(mixed).as(channelsLast);
  }

  /** P of all heads of an image. */
  private void probabilities(int i, Tensor scores) {
    memory p = scores.memory();
    product(
        part(projected, QUERIES, i), transposed(projected, KEYS, i), p, scale, projected, scores);
    plan.add(
        toProbabilities, new Arguments().with(DNNL_ARG_SRC, scores).with(DNNL_ARG_DST, scores));
  }

  private softmax_forward.primitive_desc softmax() {
    return new softmax_forward.primitive_desc(
        plan.engine(),
        prop_kind.forward_training,
        algorithm.softmax_accurate,
        scoresLayout,
        scoresLayout,
        2);
  }

  /** result = factor a b, for all heads. */
  private void product(memory a, memory b, memory result, float factor, Tensor... holders) {
    primitive_attr attributes = new primitive_attr();
    if (factor != 1) {
      post_ops scaled = new post_ops();
      scaled.append_eltwise(algorithm.eltwise_linear, factor, 0);
      attributes.set_post_ops(scaled);
    }
    var work =
        new matmul(
            new matmul.primitive_desc(
                plan.engine(), a.get_desc(), b.get_desc(), result.get_desc(), attributes, false));
    plan.add(
        work,
        new Arguments()
            .with(DNNL_ARG_SRC, a)
            .with(DNNL_ARG_WEIGHTS, b)
            .with(DNNL_ARG_DST, result)
            .in(holders));
  }

  private long size() {
    return channels / heads;
  }

  /** Queries, keys or values of an image, or their gradients: {@code [heads, L, d]}. */
  private memory part(Tensor projections, int which, int i) {
    return projections.view(
        Layouts.strided(type, new long[] {heads, pixels, size()}, size(), 3 * channels, 1),
        bytes((i * pixels * 3 + which) * channels));
  }

  /** {@code [heads, d, L]}. */
  private memory transposed(Tensor projections, int which, int i) {
    return projections.view(
        Layouts.strided(type, new long[] {heads, size(), pixels}, size(), 1, 3 * channels),
        bytes((i * pixels * 3 + which) * channels));
  }

  /** The result of an image or its gradient, {@code [heads, L, d]}. */
  private memory ofHeads(Tensor results, int i) {
    return results.view(
        Layouts.strided(type, new long[] {heads, pixels, size()}, size(), channels, 1),
        bytes(i * pixels * channels));
  }

  /** {@code [heads, L, L]}, transposed. */
  private memory transposed(Tensor scores) {
    return scores.view(
        Layouts.strided(type, new long[] {heads, pixels, pixels}, pixels * pixels, 1, pixels), 0);
  }

  private long bytes(long values) {
    return values * memory.data_type_size(type);
  }

  /** The input's gradient, with channels last. */
  Tensor backward(Tensor outGradient) {
    Tensor gradient = plan.in(channelsLast, outGradient);
    outProjection.backwardWeights(gradient);
    Tensor mixedGradient = outProjection.backwardData(gradient); // [N L, C]
    plan.begin(KIND);
    Tensor projectedGradient = plan.tensor(projected.layout()); // [N L, 3 C]
    Tensor scores = plan.tensor(scoresLayout);
    Tensor scoreGradients = plan.tensor(scoresLayout);
    memory s = scoreGradients.memory();
    var throughSoftmax =
        new softmax_backward(
            new softmax_backward.primitive_desc(
                plan.engine(),
                algorithm.softmax_accurate,
                scoresLayout,
                scoresLayout,
                scoresLayout,
                2,
                softmax()));
    for (int i = 0; i < images; i++) {
      memory g = ofHeads(mixedGradient, i);
      probabilities(i, scores);
      product(
          transposed(scores),
          g,
          part(projectedGradient, VALUES, i),
          1,
          scores,
          mixedGradient,
          projectedGradient);
      product(g, transposed(projected, VALUES, i), s, 1, mixedGradient, projected, scoreGradients);
      plan.add(
          throughSoftmax,
          new Arguments()
              .with(DNNL_ARG_DST, scores)
              .with(DNNL_ARG_DIFF_DST, scoreGradients)
              .with(DNNL_ARG_DIFF_SRC, scoreGradients));
      product(
          s,
          part(projected, KEYS, i),
          part(projectedGradient, QUERIES, i),
          scale,
          scoreGradients,
          projected,
          projectedGradient);
      product(
          transposed(scoreGradients),
          part(projected, QUERIES, i),
          part(projectedGradient, KEYS, i),
          scale,
          scoreGradients,
          projected,
          projectedGradient);
    }
    inProjection.backwardWeights(projectedGradient);
    return inProjection.backwardData(projectedGradient).as(channelsLast);
  }
}
