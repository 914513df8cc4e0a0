package flowmatching.train;

import flowmatching.flow.EulerSolver;
import flowmatching.flow.RandomStream;
import flowmatching.flow.RandomStream.Purpose;
import flowmatching.image.Image;
import flowmatching.image.ImageGrid;
import flowmatching.image.Png;
import flowmatching.settings.ImageShape;
import flowmatching.unet.NetworkVelocity;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A picture of what the network draws from the same noise each time: that of the samples with ids
 * from 0 on, and the run's seed.
 */
record Preview(ImageShape shape, long seed, int count, int steps) {
  private static final int COLUMNS = 16;

  /** The PNG file of a grid of images. */
  byte[] png(ComputationGraph network) {
    int pixels = shape.channels() * shape.height() * shape.width();
    float[] noise = new float[count * pixels];
    for (int id = 0; id < count; id++) {
      new RandomStream(seed, Purpose.SAMPLE_NOISE, 0, id).normals(noise, id * pixels, pixels);
    }
    INDArray start =
        Nd4j.createFromArray(noise)
            .reshape('c', count, shape.channels(), shape.height(), shape.width());
    INDArray drawn = new EulerSolver(steps).solve(new NetworkVelocity(network), start);
    List<Image> images = new ArrayList<>();
    for (int id = 0; id < count; id++) {
      float[] values =
          drawn.get(NDArrayIndex.point(id)).reshape(new long[] {pixels}).toFloatVector();
      images.add(Image.ofNetwork(shape.channels(), shape.height(), shape.width(), values));
    }
    return Png.encode(ImageGrid.of(images, COLUMNS));
  }
}
