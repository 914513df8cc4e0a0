package flowmatching.means.model;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.failure.RunFailure;
import flowmatching.base.format.FormatVersion;
import flowmatching.base.format.Json;
import flowmatching.base.settings.ModelSettings;
import flowmatching.means.storage.Folder;
import flowmatching.network.dl4j.UNet;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.conf.Configuration;

/**
 * The folder of a trained network: {@code model.safetensors}, and {@code model.json} with the
 * settings, their digest, and the weights' length and digest. The settings have a digest because
 * not all of them show in the tensors' shapes: with another number of groups or heads the same
 * weights draw other images.
 *
 * <p>{@code model.json} is written last. A folder without it has no model, and the digest refuses
 * older or newer weights, so that a reader never mixes two models.
 */
public final class ModelFolder {
  public static final String DESCRIPTION = "model.json";

  static final String WEIGHTS = "model.safetensors";
  static final int FORMAT_VERSION = 1;

  /** The prefix of a network that comes with this program. */
  static final String SHIPPED = "shipped:";

  private static final int MAX_DESCRIPTION_BYTES = 1 << 20;
  private static final int MAX_FILE_BYTES = Integer.MAX_VALUE - 8;

  private ModelFolder() {}

  /** Optional, because the first version did not write it: SHA-256 of the key model on one line. */
  private static final String SETTINGS_DIGEST = "model_sha256";

  /** The required content of {@code model.json}, whose keys are these names in snake case. */
  private record Description(
      int formatVersion, JsonNode model, long parameters, WeightsFile weights) {
    record WeightsFile(int bytes, String sha256) {}
  }

  /**
   * Writes a network, or replaces it.
   *
   * @param parameters in the order of its layout
   * @return its {@link Model#digest}
   * @throws RunFailure if a weight is infinite or not a number; then nothing is written
   * @throws EnvironmentFailure if the folder cannot be written to
   */
  public static String write(Folder folder, ModelSettings settings, float[] parameters) {
    var weights = Weights.write(UNet.layout(settings), parameters);
    var model = Json.tree(settings.json());
    var description =
        Json.file(
            Map.of(
                FormatVersion.KEY,
                FORMAT_VERSION,
                "model",
                model,
                SETTINGS_DIGEST,
                digest(model),
                "parameters",
                parameters.length,
                "weights",
                new Description.WeightsFile(weights.length, DigestUtils.sha256Hex(weights))));
    folder.write(WEIGHTS, weights);
    folder.write(DESCRIPTION, description);
    return DigestUtils.sha256Hex(description);
  }

  /** The {@link Model#digest} of the model in a folder, if it has one. */
  public static Optional<String> digest(Folder folder) {
    return folder.exists(DESCRIPTION)
        ? Optional.of(DigestUtils.sha256Hex(folder.read(DESCRIPTION, MAX_DESCRIPTION_BYTES)))
        : Optional.empty();
  }

  /**
   * Reads a network. ND4J must be set up before, see {@link
   * flowmatching.network.backend.NumericIdentity#use}.
   *
   * @param location a folder on any Hadoop file system, or {@code shipped:fashion-mnist}, the
   *     network that comes with this program
   * @throws ConfigurationFailure if the location is not a path, or the program does not bring the
   *     network
   * @throws DataFailure as {@link #read(Folder)}
   * @throws EnvironmentFailure if the folder's file system fails or denies access
   */
  public static Model read(String location, Configuration hadoop) {
    if (location.regionMatches(true, 0, SHIPPED, 0, SHIPPED.length())) {
      var files = ShippedFiles.of(location);
      return read(
          location,
          files.read(DESCRIPTION, MAX_DESCRIPTION_BYTES),
          maxBytes -> files.read(WEIGHTS, maxBytes));
    }
    var folder = Folder.of(location, hadoop);
    folder.checkReachable();
    if (folder.isFile()) {
      throw new DataFailure("%s is a file: give its folder.".formatted(folder));
    }
    return read(folder);
  }

  /**
   * Reads a network from its folder.
   *
   * @throws DataFailure if the folder has no model, or one that is incomplete, was changed, or has
   *     a newer format
   */
  public static Model read(Folder folder) {
    return read(folder.toString(), description(folder), maxBytes -> folder.read(WEIGHTS, maxBytes));
  }

  /**
   * The settings of the network in a folder. Its weights are not read.
   *
   * @throws DataFailure if the folder has no model, or its description is damaged or has a newer
   *     format
   */
  public static ModelSettings settings(Folder folder) {
    var origin = folder + "/" + DESCRIPTION;
    return settings(parse(description(folder), origin), origin);
  }

  private static byte[] description(Folder folder) {
    // A link to nothing does not exist, but is listed; reading it says what is wrong.
    if (!folder.exists(DESCRIPTION) && !folder.list().contains(DESCRIPTION)) {
      var inside = folder.child("model");
      throw new DataFailure(
          inside.exists(DESCRIPTION)
              ? "%s is not a model's folder, but %s is: give that one.".formatted(folder, inside)
              : "%s holds no model: it has no %s. Give the folder 'model' of a finished training run."
                  .formatted(folder, DESCRIPTION));
    }
    return folder.read(DESCRIPTION, MAX_DESCRIPTION_BYTES);
  }

  /**
   * Parses and checks a model's files.
   *
   * @param weights reads the weights, at most a number of bytes
   */
  private static Model read(String location, byte[] json, IntFunction<byte[]> weights) {
    var origin = location + "/" + DESCRIPTION;
    var description = parse(json, origin);
    var settings = settings(description, origin);
    checkSizes(description, UNet.parameterCount(settings), origin);
    var file = weights.apply(description.weights().bytes());
    var weightsOrigin = location + "/" + WEIGHTS;
    checkWeights(file, description.weights(), weightsOrigin);
    Weights.read(file, UNet.layout(settings), weightsOrigin);
    return new Model(settings, file, DigestUtils.sha256Hex(json));
  }

  private static Description parse(byte[] json, String origin) {
    var tree = Json.parse(json, JsonNode.class, origin);
    checkVersion(tree, origin);
    var description = Json.parse(json, Description.class, origin);
    var expected = tree.path(SETTINGS_DIGEST);
    if (!expected.isMissingNode() && !expected.asText().equals(digest(description.model()))) {
      throw new DataFailure(
          "%s was changed: its key model is not the one that %s belongs to, so that the network would draw other images. Copy the file again. If the change is meant, remove the key %s."
              .formatted(origin, SETTINGS_DIGEST, SETTINGS_DIGEST));
    }
    return description;
  }

  private static String digest(JsonNode settings) {
    return DigestUtils.sha256Hex(Json.line(settings).getBytes(StandardCharsets.UTF_8));
  }

  private static ModelSettings settings(Description description, String origin) {
    return ModelSettings.fromJson(origin, description.model().toString());
  }

  /** Comes before the rest is parsed, because a newer format may have other keys. */
  private static void checkVersion(JsonNode tree, String origin) {
    if (!tree.path(FormatVersion.KEY).isIntegralNumber()) {
      throw new DataFailure(
          "%s does not describe a model: it has no integer %s."
              .formatted(origin, FormatVersion.KEY));
    }
    FormatVersion.check(tree, FORMAT_VERSION, origin);
  }

  /** Comes before memory is allocated for the weights. */
  private static void checkSizes(Description description, long parameters, String origin) {
    var weights = description.weights();
    if (description.parameters() != parameters) {
      throw new DataFailure(
          "%s was changed: it says %d parameters, but a network with its settings has %d."
              .formatted(origin, description.parameters(), parameters));
    }
    // The file itself has the types of its tensors; each takes more than a byte per value.
    if (weights.bytes() > MAX_FILE_BYTES || weights.bytes() < parameters) {
      throw new DataFailure(
          "%s was changed: %d parameters do not fit into the %d bytes of weights that it says."
              .formatted(origin, parameters, weights.bytes()));
    }
  }

  private static void checkWeights(
      byte[] weights, Description.WeightsFile expected, String origin) {
    if (weights.length != expected.bytes()) {
      throw new DataFailure(
          "%s has %d bytes, but %s says %d: it is incomplete. Copy it again or train again."
              .formatted(origin, weights.length, DESCRIPTION, expected.bytes()));
    }
    var digest = DigestUtils.sha256Hex(weights);
    if (!digest.equals(expected.sha256())) {
      throw new DataFailure(
          "%s is not the file that %s describes: found SHA-256 %s, expected %s. It was damaged or changed, or a training run is writing it: wait until that run ends, copy it again or train again."
              .formatted(origin, DESCRIPTION, digest, expected.sha256()));
    }
  }
}
