package flowmatching.work.sample;

import flowmatching.base.format.Json;
import flowmatching.base.settings.SampleSettings;
import flowmatching.means.model.Model;
import flowmatching.network.backend.NumericIdentity;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Everything that the files of a run depend on, except Java's zlib, on which the bytes of PNG files
 * depend too.
 *
 * @param model digest of the network
 * @param seedOfRunDate whether the seed is that of the run date; it does not affect the images
 * @param numeric of the driver and all executors
 * @param runSha256 the digest of what the images of given ids depend on; each part of the run has
 *     it
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
    NumericIdentity numeric,
    String runSha256) {

  /** What the images of a range of ids depend on. */
  private record Images(
      String model,
      long seed,
      SampleSettings.Solver solver,
      int steps,
      List<Double> times,
      SampleSettings.Tolerance tolerance,
      int batchSize,
      NumericIdentity numeric) {}

  static SampleIdentity of(SampleSettings run, Model model, NumericIdentity numeric) {
    var images =
        new Images(
            model.digest(),
            run.seed(),
            run.solver(),
            run.steps(),
            run.times(),
            run.tolerance(),
            run.batchSize(),
            numeric);
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
        numeric,
        DigestUtils.sha256Hex(Json.line(images)));
  }
}
