package flowmatching.network.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.normalization_flags;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;

/**
 * Group normalisation (Wu and He 2018, arXiv:1803.08494), with SiLU if set, an image at a time so
 * that it stays in the processor's cache. oneDNN's batch normalisation of a batch of one image
 * computes the means and variances of channels, from which those of groups follow; its backward
 * pass computes the sums over pixels. What remains are products and sums with one value per
 * channel. oneDNN's own group norm has no fast backward pass.
 *
 * <p>With offset o per channel, mean m and variance v of a group of x + o, s = 1 / sqrt(v + 1e-5):
 * y = A x + B with A = s w and B = s w (o - m) + b. With g = dL/dy, n = s (x + o - m) and means
 * over the group: dL/dx = s (w g - mean(w g) - n mean(w g n)), which is A g + P x + Q.
 */
final class GroupNormLayer {
  private static final String KIND = "group norms with SiLU";

  /** oneDNN pads channels to whole blocks. */
  private static final int BLOCK = 16;

  private static final int OF_FIRST_POST_OP = DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE | DNNL_ARG_SRC_1;
  private static final int OF_SECOND_POST_OP =
      2 * DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE | DNNL_ARG_SRC_1;

  private final Plan plan;
  private final boolean silu;
  private final int images;
  private final int channels;
  private final int padded;
  private final GroupStatistics statistics;
  private final FloatBuffer weightGradient;
  private final FloatBuffer biasGradient;
  private final memory.desc vector;
  private final memory weight;
  private Tensor x;
  private Tensor offsets;
  private memory.desc image;
  private memory.desc perChannel;
  private Tensor channelMeans; // [N, padded C], as the next
  private Tensor means;
  private Tensor variances;
  private Tensor a;
  private Tensor b;

  GroupNormLayer(Plan plan, Weights weights, String name, long[] shape, int groups, boolean silu) {
    this.plan = plan;
    this.silu = silu;
    this.images = (int) shape[0];
    this.channels = (int) shape[1];
    this.padded = (channels + BLOCK - 1) / BLOCK * BLOCK;
    this.statistics =
        new GroupStatistics(
            weights.floats(name + "weight"),
            weights.floats(name + "bias"),
            channels,
            groups,
            (int) (shape[2] * shape[3]),
            padded);
    this.weightGradient = weights.gradientFloats(name + "weight");
    this.biasGradient = weights.gradientFloats(name + "bias");
    this.vector = Layouts.of(data_type.f32, format_tag.x, channels);
    this.weight = weights.values(name + "weight", vector);
  }

  /**
   * @param offsets {@code [N, C]} that are added to each pixel of x before; may be null
   */
  Tensor forward(Tensor input, Tensor offsets) {
    plan.begin(KIND);
    memory.desc layout = input.layout();
    long[] shape = Layouts.dimensions(layout);
    this.x = input;
    this.offsets = offsets;
    image = Layouts.like(layout, layout.get_data_type(), 1, channels, shape[2], shape[3]);
    // In any other layout than that of the image, oneDNN's product is hundreds of times slower.
    perChannel = Layouts.like(layout, data_type.f32, 1, channels, 1, 1);
    channelMeans = plan.floats(images, padded);
    Tensor channelVariances = plan.floats(images, padded);
    means = plan.floats(images, padded);
    variances = plan.floats(images, padded);
    a = plan.floats(images, padded);
    b = plan.floats(images, padded);
    Tensor y = plan.tensor(layout);
    var moments =
        new batch_normalization_forward(
            new batch_normalization_forward.primitive_desc(
                plan.engine(),
                prop_kind.forward_training,
                image,
                image,
                GroupStatistics.EPSILON,
                normalization_flags.none));
    binary affine = affine(silu);
    for (int i = 0; i < images; i++) {
      int index = i;
      plan.add(
          moments,
          new Arguments()
              .with(DNNL_ARG_SRC, x, image(x, i))
              .with(DNNL_ARG_DST, y, image(y, i))
              .with(DNNL_ARG_MEAN, channelMeans, row(channelMeans, vector, i))
              .with(DNNL_ARG_VARIANCE, channelVariances, row(channelVariances, vector, i)));
      plan.add(
          () -> {
            statistics.ofGroups(index, channelMeans, channelVariances, offsets, means, variances);
            statistics.affine(index, means, variances, a, b);
          },
          with(offsets, channelMeans, channelVariances, means, variances, a, b));
      plan.add(affine, affine(i).with(DNNL_ARG_DST, y, image(y, i)));
    }
    return y;
  }

  private static Tensor[] with(Tensor optional, Tensor... others) {
    List<Tensor> all = new ArrayList<>(List.of(others));
    if (optional != null) {
      all.add(optional);
    }
    return all.toArray(Tensor[]::new);
  }

  /** A x + B, or another product and sum with a value per channel. */
  private binary affine(boolean swish) {
    post_ops after = new post_ops();
    after.append_binary(algorithm.binary_add, perChannel);
    if (swish) {
      after.append_eltwise(algorithm.eltwise_swish, 1, 0);
    }
    return product(after);
  }

  private Arguments affine(int i) {
    return new Arguments()
        .with(DNNL_ARG_SRC_0, x, image(x, i))
        .with(DNNL_ARG_SRC_1, a, row(a, perChannel, i))
        .with(OF_FIRST_POST_OP, b, row(b, perChannel, i));
  }

  private binary product(post_ops after) {
    primitive_attr attributes = new primitive_attr();
    attributes.set_post_ops(after);
    return new binary(
        new binary.primitive_desc(
            plan.engine(), algorithm.binary_mul, image, perChannel, image, attributes, false));
  }

  private memory image(Tensor tensor, int i) {
    return tensor.view(image, i * (tensor.bytes() / images));
  }

  private memory row(Tensor tensor, memory.desc layout, int i) {
    return tensor.view(layout, (long) i * padded * Float.BYTES);
  }

  /** The gradients of x and of the offsets, of which the second may be null. */
  record Gradients(Tensor x, Tensor offsets) {}

  /**
   * @param other is added to the gradient of x; may be null
   */
  Gradients backward(Tensor outGradient, Tensor other) {
    plan.begin(KIND);
    Tensor gradient = plan.in(x.layout(), outGradient);
    Tensor added = other == null ? null : plan.in(x.layout(), other);
    Tensor z = plan.tensor(image);
    Tensor g = plan.tensor(image);
    Tensor unused = plan.tensor(image);
    Tensor xGradient = plan.tensor(x.layout());
    Tensor offsetGradients = offsets == null ? null : plan.floats(images, channels);
    Tensor products = plan.floats(padded);
    Tensor sums = plan.floats(padded);
    Tensor p = plan.floats(padded);
    Tensor q = plan.floats(padded);
    post_ops onto = new post_ops();
    onto.append_sum();
    if (added != null) {
      onto.append_binary(algorithm.binary_add, image);
    }
    binary accumulate = product(onto);
    binary affine = affine(false);
    eltwise_backward swish = new Swish(plan.engine(), image).backward();
    batch_normalization_backward reduce = sumsOverPixels();
    plan.add(
        () -> {
          for (int c = 0; c < padded; c++) {
            // Padding must not be infinite or no number.
            p.floats().put(c, 0);
            q.floats().put(c, 0);
          }
          for (int c = 0; c < channels; c++) {
            weightGradient.put(c, 0);
            biasGradient.put(c, 0);
          }
        },
        p,
        q);
    for (int i = 0; i < images; i++) {
      int index = i;
      memory ofY = image(gradient, i);
      memory ofNorm = silu ? g.memory() : ofY;
      Tensor holder = silu ? g : gradient;
      if (silu) {
        plan.add(affine, affine(i).with(DNNL_ARG_DST, z));
        plan.add(
            swish,
            new Arguments()
                .with(DNNL_ARG_SRC, z)
                .with(DNNL_ARG_DIFF_DST, gradient, ofY)
                .with(DNNL_ARG_DIFF_SRC, g));
      }
      plan.add(
          reduce,
          new Arguments()
              .with(DNNL_ARG_SRC, x, image(x, i))
              .with(DNNL_ARG_MEAN, means, row(means, vector, i))
              .with(DNNL_ARG_VARIANCE, variances, row(variances, vector, i))
              .with(DNNL_ARG_DIFF_DST, holder, ofNorm)
              .with(DNNL_ARG_SCALE, weight)
              .with(DNNL_ARG_DIFF_SRC, unused)
              .with(DNNL_ARG_DIFF_SCALE, products, products.view(vector, 0))
              .with(DNNL_ARG_DIFF_SHIFT, sums, sums.view(vector, 0)));
      plan.add(
          () -> {
            statistics.throughStatistics(
                index, means, variances, products.floats(), sums.floats(), p.floats(), q.floats());
            for (int c = 0; c < channels; c++) {
              weightGradient.put(c, weightGradient.get(c) + products.floats().get(c));
              biasGradient.put(c, biasGradient.get(c) + sums.floats().get(c));
            }
            if (offsetGradients != null) {
              statistics.ofOffsets(
                  index, a, channelMeans, sums.floats(), p.floats(), q.floats(), offsetGradients);
            }
          },
          with(offsetGradients, channelMeans, means, variances, a, products, sums, p, q));
      plan.add(
          affine,
          new Arguments()
              .with(DNNL_ARG_SRC_0, x, image(x, i))
              .with(DNNL_ARG_SRC_1, p, p.view(perChannel, 0))
              .with(OF_FIRST_POST_OP, q, q.view(perChannel, 0))
              .with(DNNL_ARG_DST, xGradient, image(xGradient, i)));
      // Last, because a sum is rounded to the precision of the network.
      Arguments sum =
          new Arguments()
              .with(DNNL_ARG_SRC_0, holder, ofNorm)
              .with(DNNL_ARG_SRC_1, a, row(a, perChannel, i))
              .with(DNNL_ARG_DST, xGradient, image(xGradient, i));
      plan.add(
          accumulate, added == null ? sum : sum.with(OF_SECOND_POST_OP, added, image(added, i)));
    }
    return new Gradients(xGradient, offsetGradients);
  }

  /**
   * Its gradients of scale and shift are the sums over pixels, and that of the input is not used.
   */
  private batch_normalization_backward sumsOverPixels() {
    int flags =
        normalization_flags.use_global_stats.value
            | normalization_flags.use_scale.value
            | normalization_flags.use_shift.value;
    var forward =
        new batch_normalization_forward.primitive_desc(
            plan.engine(),
            prop_kind.forward_training.value,
            image,
            image,
            GroupStatistics.EPSILON,
            flags);
    return new batch_normalization_backward(
        new batch_normalization_backward.primitive_desc(
            plan.engine(),
            prop_kind.backward.value,
            image,
            image,
            image,
            GroupStatistics.EPSILON,
            flags,
            forward));
  }
}
