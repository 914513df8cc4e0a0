package flowmatching.sample;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.backend.NumericIdentity;
import flowmatching.model.Model;
import flowmatching.settings.SampleSettings;
import flowmatching.storage.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Everything that the bytes of a run's files depend on.
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
    var differences = new ArrayList<String>();
    compare(
        "",
        Json.parse(file, JsonNode.class, origin),
        Json.parse(file(), JsonNode.class, "this run's identity"),
        differences);
    return differences;
  }

  private static void compare(
      String path, JsonNode there, JsonNode here, List<String> differences) {
    if (there.isObject() && here.isObject()) {
      var names = new TreeSet<String>();
      there.fieldNames().forEachRemaining(names::add);
      here.fieldNames().forEachRemaining(names::add);
      for (var name : names) {
        var inner = path.isEmpty() ? name : path + "." + name;
        compare(inner, there.path(name), here.path(name), differences);
      }
    } else if (!there.equals(here)) {
      differences.add("%s is %s there and %s now".formatted(path, shown(there), shown(here)));
    }
  }

  private static String shown(JsonNode value) {
    return value.isMissingNode() ? "nothing" : value.toString();
  }
}
