package flowmatching.flow;

import java.util.stream.IntStream;

/** The independent coupling q(x) q(z): each image keeps the noise that was drawn for it. */
public record IndependentCoupling() implements Coupling {
  @Override
  public int[] pair(ImageBatch images, ImageBatch noise) {
    return IntStream.range(0, images.images()).toArray();
  }
}
