package flowmatching.unet;

import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.impl.LossL2;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The mean over all elements of {@code [N, C, H, W]} of the squared difference. DL4J hands a loss
 * the pixels as rows {@code [N * H * W, C]}, and takes the mean over images of what it gives for
 * all rows.
 */
public final class PixelMean extends LossL2 {
  @JsonProperty private final float weight;

  /**
   * The loss of certain images.
   *
   * @param weight of a pixel: 1 / (H W)
   */
  @JsonCreator
  PixelMean(@JsonProperty("weight") float weight) {
    this.weight = weight;
  }

  @Override
  protected INDArray scoreArray(
      INDArray labels, INDArray output, IActivation activation, INDArray mask) {
    return super.scoreArray(labels, output, activation, mask).muli(weight);
  }

  @Override
  public double computeScore(
      INDArray labels, INDArray output, IActivation activation, INDArray mask, boolean average) {
    return super.computeScore(labels, output, activation, mask, average) / labels.size(1);
  }

  @Override
  public INDArray computeScoreArray(
      INDArray labels, INDArray output, IActivation activation, INDArray mask) {
    return super.computeScoreArray(labels, output, activation, mask).divi(labels.size(1));
  }

  @Override
  public INDArray computeGradient(
      INDArray labels, INDArray output, IActivation activation, INDArray mask) {
    return super.computeGradient(labels, output, activation, mask)
        .muli(weight)
        .divi(labels.size(1));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PixelMean that && weight == that.weight;
  }

  @Override
  public int hashCode() {
    return Float.hashCode(weight);
  }

  @Override
  public String toString() {
    return "PixelMean(weight=" + weight + ")";
  }
}
