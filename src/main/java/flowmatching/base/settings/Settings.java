package flowmatching.base.settings;

import flowmatching.base.failure.ConfigurationFailure;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;

/**
 * The settings of a run. All of them are valid.
 *
 * @param explanation one line per value that is set: {@code path = value # origin}
 * @param json every value that is set, as one JSON object of the sections on one line
 * @param origins where each value that is set comes from, by its path
 */
public record Settings(
    DataSettings data,
    ModelSettings model,
    TrainSettings train,
    SampleSettings sample,
    EvaluateSettings evaluate,
    String explanation,
    String json,
    Map<String, String> origins) {

  /**
   * Reads the settings of a job. Every section is read and checked for every job.
   *
   * @param job decides which keys without a default must be set
   * @param today the run date if none is set
   * @param files HOCON; later files override earlier ones
   * @param arguments of the form {@code path=value}, which override all files
   * @throws ConfigurationFailure with everything that is wrong, one line each: path, value, origin
   *     and what is allowed
   */
  public static Settings read(
      Job job, LocalDate today, List<Source> files, List<String> arguments) {
    var reader = new Reader(ConfigLayers.resolve(today, files, arguments));
    var data = DataSettings.read(reader);
    var model = ModelSettings.read(reader);
    var train = TrainSettings.read(reader, job);
    var sample = SampleSettings.read(reader, job);
    var evaluate = EvaluateSettings.read(reader, job);
    if (job != Job.EVALUATE) {
      sample.checkIds(reader, "sample.count", sample.count());
    } else if (evaluate.drawsImages()) {
      sample.checkIds(reader, "evaluate.count", evaluate.count());
    }
    var problems = reader.problems();
    if (!problems.isEmpty()) {
      throw new ConfigurationFailure(
          "The configuration is wrong in %d %s:\n  %s"
              .formatted(
                  problems.size(),
                  problems.size() == 1 ? "place" : "places",
                  String.join("\n  ", problems)));
    }
    return new Settings(
        data,
        model,
        train,
        sample,
        evaluate,
        reader.explanation(),
        reader.json(),
        reader.origins());
  }
}
