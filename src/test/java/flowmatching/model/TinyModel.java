package flowmatching.model;

import flowmatching.settings.ImageShape;
import flowmatching.settings.ModelSettings;
import flowmatching.storage.Folder;
import flowmatching.unet.UNet;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.learning.config.NoOp;

/** A network as small as one can be that has every kind of layer, with its initial weights. */
public final class TinyModel {
  private TinyModel() {}

  /** The settings of a network for images of 8x8 pixels. */
  public static ModelSettings settings(int channels) {
    return new ModelSettings(
        new ImageShape(channels, 8, 8),
        List.of(8, 16),
        List.of(16, 8),
        16,
        List.of(true),
        List.of(true),
        4,
        8);
  }

  public static ComputationGraph network(int channels, long seed) {
    var network = UNet.create(settings(channels), new NoOp());
    UNet.initialise(network, seed);
    return network;
  }

  /** Writes the network of a seed into a local folder, in place of what is there. */
  public static void write(Path folder, int channels, long seed) {
    ModelFolder.write(
        Folder.of(folder.toUri().toString(), new Configuration()),
        settings(channels),
        network(channels, seed));
  }
}
