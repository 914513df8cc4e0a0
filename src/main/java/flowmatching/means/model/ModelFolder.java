package flowmatching.means.model;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.failure.RunFailure;
import flowmatching.base.format.FormatVersion;
import flowmatching.base.format.Json;
import flowmatching.base.format.Sha256;
import flowmatching.base.settings.ModelSettings;
import flowmatching.means.storage.Folder;
import flowmatching.network.dl4j.UNet;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/**
 * The folder of a trained network: {@code model.safetensors}, and {@code model.json} with the
 * settings, and the length and digest of the weights.
 *
 * <p>The weights are written first and {@code model.json} last. A folder without it holds no model,
 * and one whose weights are newer or older than it is refused by their digest, so that a reader
 * never takes the halves of two models for one.
 */
public final class ModelFolder {
  /** The file that describes a model. */
  public static final String DESCRIPTION = "model.json";

  static final String WEIGHTS = "model.safetensors";
  static final int FORMAT_VERSION = 1;

  /** Begins the name of a network that comes with this program. */
  static final String SHIPPED = "shipped:";

  private static final int MAX_DESCRIPTION_BYTES = 1 << 20;
  private static final int MAX_FILE_BYTES = Integer.MAX_VALUE - 8;

  private ModelFolder() {}

  /** What {@code model.json} holds, under these names in snake case. */
  record Description(int formatVersion, JsonNode model, long parameters, WeightsFile weights) {
    record WeightsFile(int bytes, String sha256) {}
  }

  /**
   * Writes a network, in place of one that is there.
   *
   * @param settings the network's
   * @param parameters in the order of its layout
   * @return the digest that {@link Model} has when it is read
   * @throws RunFailure if a weight is infinite or not a number; nothing is written then
   * @throws EnvironmentFailure where the folder cannot be written to
   */
  public static String write(Folder folder, ModelSettings settings, float[] parameters) {
    var weights = Weights.write(UNet.layout(settings), parameters);
    var description =
        Json.file(
            new Description(
                FORMAT_VERSION,
                Json.tree(settings.json()),
                parameters.length,
                new Description.WeightsFile(weights.length, Sha256.of(weights))));
    folder.write(WEIGHTS, weights);
    folder.write(DESCRIPTION, description);
    return Sha256.of(description);
  }

  /** The digest of the model in a folder, where there is one: that of its description. */
  public static Optional<String> digest(Folder folder) {
    return folder.exists(DESCRIPTION)
        ? Optional.of(Sha256.of(folder.read(DESCRIPTION, MAX_DESCRIPTION_BYTES)))
        : Optional.empty();
  }

  /**
   * Reads a network from where a user says that it is. ND4J must be set up before, see {@link
   * flowmatching.network.backend.NumericIdentity#use}.
   *
   * @param location a folder on any Hadoop file system, or {@code shipped:fashion-mnist}, the
   *     network that comes with this program
   * @throws ConfigurationFailure where the location is no path, or no network of that name comes
   *     with this program
   * @throws DataFailure as {@link #read(Folder)} does
   * @throws EnvironmentFailure where the folder's file system is away or refuses
   */
  public static Model read(String location, Configuration hadoop) {
    if (location.startsWith(SHIPPED)) {
      return read(new ShippedFiles(location.substring(SHIPPED.length())));
    }
    var folder = Folder.of(location, hadoop);
    folder.checkReachable();
    return read(folder);
  }

  /**
   * Reads a network from its folder.
   *
   * @throws DataFailure where the folder holds no model, or one that is not whole, was changed, or
   *     is of a newer format
   */
  public static Model read(Folder folder) {
    return read(new InFolder(folder));
  }

  /**
   * The settings of the network in a folder; its weights are not looked at.
   *
   * @throws DataFailure if the folder holds no model, or its description is damaged or of a newer
   *     format
   */
  public static ModelSettings settings(Folder folder) {
    var files = new InFolder(folder);
    return settings(description(files.description(), origin(files)), origin(files));
  }

  private static Model read(ModelFiles files) {
    var bytes = files.description();
    var description = description(bytes, origin(files));
    var settings = settings(description, origin(files));
    checkSizes(description, UNet.parameterCount(settings), origin(files));
    var weights = readWeights(files, description.weights());
    Weights.read(weights, UNet.layout(settings), files + "/" + WEIGHTS);
    return new Model(settings, weights, Sha256.of(bytes));
  }

  private static String origin(ModelFiles files) {
    return files + "/" + DESCRIPTION;
  }

  private static Description description(byte[] bytes, String origin) {
    checkVersion(bytes, origin);
    return Json.parse(bytes, Description.class, origin);
  }

  private static ModelSettings settings(Description description, String origin) {
    return ModelSettings.fromJson(origin, description.model().toString());
  }

  private record InFolder(Folder folder) implements ModelFiles {
    @Override
    public byte[] description() {
      if (!folder.exists(DESCRIPTION)) {
        var inside = folder.child("model");
        throw new DataFailure(
            inside.exists(DESCRIPTION)
                ? "%s is not the folder of a model, but %s is: give that one."
                    .formatted(folder, inside)
                : ("%s holds no model, there is no %s in it: give the folder 'model' of a training"
                        + " run that has ended.")
                    .formatted(folder, DESCRIPTION));
      }
      return folder.read(DESCRIPTION, MAX_DESCRIPTION_BYTES);
    }

    @Override
    public byte[] weights(int most) {
      return folder.read(WEIGHTS, most);
    }

    @Override
    public String toString() {
      return folder.toString();
    }
  }

  /** Before the rest is read, since a newer format may have other keys. */
  private static void checkVersion(byte[] description, String origin) {
    var tree = Json.parse(description, JsonNode.class, origin);
    if (!tree.path(FormatVersion.KEY).isIntegralNumber()) {
      throw new DataFailure(
          "%s does not describe a model: it has no whole number %s."
              .formatted(origin, FormatVersion.KEY));
    }
    FormatVersion.check(tree, FORMAT_VERSION, origin);
  }

  /** Before memory is taken for the weights: can the file have what it needs? */
  private static void checkSizes(Description description, long parameters, String origin) {
    var weights = description.weights();
    if (description.parameters() != parameters) {
      throw new DataFailure(
          "%s was changed: its settings are those of a network of %d parameters, and it says %d."
              .formatted(origin, parameters, description.parameters()));
    }
    // A byte for each is less than any type takes that is read: the file itself names its types.
    if (weights.bytes() > MAX_FILE_BYTES || weights.bytes() < parameters) {
      throw new DataFailure(
          "%s was changed: %d parameters do not fit into the %d bytes of weights that it speaks of."
              .formatted(origin, parameters, weights.bytes()));
    }
  }

  private static byte[] readWeights(ModelFiles files, Description.WeightsFile expected) {
    var origin = files + "/" + WEIGHTS;
    var weights = files.weights(expected.bytes());
    if (weights.length != expected.bytes()) {
      throw new DataFailure(
          "%s has %d bytes, and %s says %d: it is not whole, copy it again or train anew."
              .formatted(origin, weights.length, DESCRIPTION, expected.bytes()));
    }
    var digest = Sha256.of(weights);
    if (!digest.equals(expected.sha256())) {
      throw new DataFailure(
          "%s is not the file that %s describes: found SHA-256 %s, expected %s. It was damaged or changed, or a training run is writing it now: wait for its end, copy it again or train anew."
              .formatted(origin, DESCRIPTION, digest, expected.sha256()));
    }
    return weights;
  }
}
