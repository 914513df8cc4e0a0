package flowmatching.means.model;

import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.ModelSettings;
import flowmatching.base.settings.Precision;
import flowmatching.means.storage.Folder;
import flowmatching.network.Network;
import flowmatching.network.dl4j.UNet;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/** The smallest network with every kind of layer, with its initial weights. */
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

  /** The initial weights of a seed, in the order of the network's layout. */
  public static float[] parameters(int channels, long seed) {
    return UNet.initialParameters(settings(channels), seed);
  }

  /** The index of a tensor's first value in the parameters. */
  public static int place(int channels, String tensor) {
    return UNet.layout(settings(channels)).tensors().stream()
        .filter(parameter -> parameter.name().equals(tensor))
        .findFirst()
        .orElseThrow()
        .from();
  }

  public static Network network(int channels, long seed) {
    var network = UNet.create(settings(channels), Precision.FLOAT32, 1);
    network.assign(parameters(channels, seed));
    return network;
  }

  /** Writes the network of a seed to a local folder, or replaces it. */
  public static void write(Path folder, int channels, long seed) {
    ModelFolder.write(
        Folder.of(folder.toUri().toString(), new Configuration()),
        settings(channels),
        parameters(channels, seed));
  }
}
