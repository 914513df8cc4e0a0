package flowmatching.train;

import flowmatching.flow.Euler;
import flowmatching.flow.TimeGrid;
import flowmatching.image.Drawing;
import flowmatching.image.ImageGrid;
import flowmatching.image.Png;
import flowmatching.settings.ImageShape;
import flowmatching.unet.NetworkVelocity;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * A picture of what the network draws from the same noise each time: that of the samples with ids
 * from 0 on, and the run's seed.
 */
record Preview(ImageShape shape, long seed, int count, int steps) {
  private static final int COLUMNS = 16;

  /** The PNG file of a grid of images. */
  byte[] png(ComputationGraph network) {
    var drawing = new Drawing(shape, seed, new Euler(TimeGrid.uniform(steps)));
    return Png.encode(
        ImageGrid.of(drawing.images(new NetworkVelocity(network), 0, count), COLUMNS));
  }
}
