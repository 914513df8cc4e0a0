package flowmatching.settings;

import java.io.Serializable;

/** The shape [C, H, W] of an image: colour channels, rows and columns of pixels. */
public record ImageShape(int channels, int height, int width) implements Serializable {

  /** As a sentence has it: 1x28x28. */
  @Override
  public String toString() {
    return channels + "x" + height + "x" + width;
  }
}
