package flowmatching.network.onednn;

import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.Precision;
import flowmatching.network.TensorLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Where the time of a network goes, in seconds per image of one thread.
 *
 * @param training a forward and a backward pass
 * @param byKind the same per kind of layer
 * @param convolutions all convolutions and products with weights of a forward and a backward pass
 *     alone: no network is faster
 * @param forwardConvolutions the same of a forward pass
 */
public record Profile(
    double training, Map<String, Double> byKind, double convolutions, double forwardConvolutions) {
  private static final int ROUNDS = 15;
  private static final Set<String> CONVOLUTIONS = Set.of(ConvolutionLayer.KIND, LinearLayer.KIND);

  /** Measures passes of a number of images, in medians. */
  public static Profile of(
      List<Layer> layers, TensorLayout layout, ImageShape shape, Precision precision, int images) {
    try (FloatPointer parameters = new FloatPointer(layout.length());
        PreparedPasses all = new PreparedPasses(layers, layout, shape, precision, parameters)) {
      parameters.put(new float[layout.length()]);
      Passes both = all.of(images, true);
      Plan plan = both.plan();
      Map<String, Double> byKind = new TreeMap<>();
      plan.time(new TreeMap<>());
      for (int round = 0; round < ROUNDS; round++) {
        plan.time(byKind);
      }
      byKind.replaceAll((kind, seconds) -> seconds / ROUNDS / images);
      return new Profile(
          median(() -> plan.run(0, plan.steps())) / images,
          byKind,
          median(() -> plan.run(0, plan.steps(), CONVOLUTIONS)) / images,
          median(() -> plan.run(0, both.forwardSteps(), CONVOLUTIONS)) / images);
    }
  }

  private static double median(Runnable pass) {
    double[] seconds = new double[ROUNDS];
    pass.run();
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      pass.run();
      seconds[round] = (System.nanoTime() - start) * 1e-9;
    }
    Arrays.sort(seconds);
    return seconds[ROUNDS / 2];
  }
}
