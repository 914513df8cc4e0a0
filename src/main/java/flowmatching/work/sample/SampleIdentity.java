package flowmatching.work.sample;

import flowmatching.base.settings.SampleSettings;
import flowmatching.means.model.Model;
import flowmatching.network.backend.NumericIdentity;
import java.util.List;

/**
 * Everything that the files of a run depend on, except Java's zlib, on which the bytes of PNG files
 * depend too.
 *
 * @param model digest of the network
 * @param seedOfRunDate whether the seed is that of the run date; it does not affect the images
 * @param numeric of the driver and all executors
 */
record SampleIdentity(
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

  static SampleIdentity of(SampleSettings run, Model model, NumericIdentity numeric) {
    return new SampleIdentity(
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
}
