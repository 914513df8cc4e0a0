package flowmatching.flow;

import java.util.stream.IntStream;

/** Each image has the noise that was drawn for it, whatever both look like. */
public record IndependentCoupling() implements Coupling {
  @Override
  public int[] pair(ImageBatch images, ImageBatch noise) {
    return IntStream.range(0, images.images()).toArray();
  }
}
