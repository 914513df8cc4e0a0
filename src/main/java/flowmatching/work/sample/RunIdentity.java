package flowmatching.work.sample;

import flowmatching.base.format.Json;
import flowmatching.base.settings.SampleSettings;
import flowmatching.means.model.Model;
import flowmatching.network.backend.NumericIdentity;
import java.util.List;

/**
 * Everything that the images of a run depend on, and what it makes of them. The bytes of a PNG file
 * depend on Java's zlib, too.
 *
 * @param formatVersion of the file
 * @param model digest of the network
 * @param seedOfRunDate how the seed was chosen; another run may choose the same one otherwise
 * @param numeric of the driver, and of all executors
 */
record RunIdentity(
    int formatVersion,
    String model,
    long firstId,
    long seed,
    boolean seedOfRunDate,
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
        IdentityFile.FORMAT_VERSION,
        model.digest(),
        run.firstId(),
        run.seed(),
        run.seedOfRunDate(),
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
}
