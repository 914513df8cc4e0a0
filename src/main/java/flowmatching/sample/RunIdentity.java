package flowmatching.sample;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.backend.NumericIdentity;
import flowmatching.model.Model;
import flowmatching.settings.SampleSettings;
import flowmatching.storage.Json;
import flowmatching.storage.JsonDifferences;
import java.util.List;

/**
 * Everything that the images of a run depend on, and what it makes of them. The bytes of a PNG file
 * depend on Java's zlib, too.
 *
 * @param model digest of the network
 * @param numeric of the driver, and of all executors
 */
record RunIdentity(
    String model,
    long seed,
    long count,
    SampleSettings.Solver solver,
    int steps,
    List<Double> times,
    SampleSettings.Tolerance tolerance,
    int batchSize,
    int rangeSize,
    List<SampleSettings.Format> formats,
    SampleSettings.Grid grid,
    NumericIdentity numeric) {

  static RunIdentity of(SampleSettings run, Model model, NumericIdentity numeric) {
    return new RunIdentity(
        model.digest(),
        run.seed(),
        run.count(),
        run.solver(),
        run.steps(),
        run.times(),
        run.tolerance(),
        run.batchSize(),
        run.rangeSize(),
        run.formats().stream().sorted().toList(),
        run.grid(),
        numeric);
  }

  byte[] file() {
    return Json.file(this);
  }

  /**
   * What differs between the identity in a file and this one, a phrase each. The file may be of a
   * version of this program that knew other facts.
   *
   * @param origin the file's path, for the message
   */
  List<String> differencesFrom(byte[] file, String origin) {
    return JsonDifferences.between(
        Json.parse(file, JsonNode.class, origin),
        Json.parse(file(), JsonNode.class, "this run's identity"));
  }
}
