package flowmatching.work.train;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.Failure;
import flowmatching.base.format.Json;
import flowmatching.base.format.JsonDifferences;
import flowmatching.base.settings.Settings;
import flowmatching.means.model.Model;
import flowmatching.means.model.ModelFolder;
import flowmatching.network.dl4j.UNet;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The weights before the first step: random ones, or those of a trained network. */
record InitialWeights(Settings settings, Configuration hadoop) {
  private static final Logger LOG = LoggerFactory.getLogger(InitialWeights.class);

  /** The place of a trained network; empty for random weights. */
  private String location() {
    return settings.train().initialWeights();
  }

  /**
   * Reads the weights of a trained network, if there is one, so that errors show before the run.
   *
   * @throws Failure if they are missing, damaged, or of another network
   */
  void check() {
    if (!location().isEmpty()) {
      trained();
    }
  }

  /** The weights in the order of the network's layout; it fails as {@link #check} does. */
  float[] parameters() {
    if (location().isEmpty()) {
      return UNet.initialParameters(settings.model(), settings.train().seed());
    }
    Model trained = trained();
    LOG.info("Training starts from the weights of {}, {}", location(), trained.digest());
    return trained.parameters();
  }

  /** The digest of the trained network; empty if there is none, or if it cannot be read now. */
  String digest() {
    try {
      return location().isEmpty() ? "" : read().digest();
    } catch (Failure e) {
      // A run with a checkpoint does not need it; for any other the check reports the error.
      return "";
    }
  }

  private Model trained() {
    Model trained = read();
    List<String> differences =
        JsonDifferences.between(
            Json.tree(trained.settings().json()), Json.tree(settings.model().json()));
    if (!differences.isEmpty()) {
      throw new DataFailure(
          "train.initial-weights is %s, and that network differs from the section model: %s. Give the same section model, or another network."
              .formatted(location(), String.join("; ", differences)));
    }
    return trained;
  }

  private Model read() {
    try {
      return ModelFolder.read(location(), hadoop);
    } catch (DataFailure e) {
      throw new DataFailure("train.initial-weights: " + e.getMessage(), e);
    }
  }
}
