package flowmatching.work.evaluate;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.settings.EvaluateSettings;
import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.SampleSettings;
import flowmatching.base.settings.Settings;
import flowmatching.base.settings.SolverEffort;
import flowmatching.means.model.Model;
import flowmatching.means.model.ModelFolder;
import flowmatching.means.run.ExtractorFacts;
import flowmatching.means.storage.Folder;
import flowmatching.work.sample.ModelSamples;
import flowmatching.work.sample.SampleFiles;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;

/** Where samples come from: files of SampleJob, or a network that is sampled here. */
record SampleSource(
    SetStatistics sets,
    EvaluateSettings settings,
    SampleSettings sampling,
    Optional<SampleFiles> files,
    Optional<Model> model) {

  /**
   * @throws ConfigurationFailure if the settings name no source
   */
  static void check(Settings settings) {
    EvaluateSettings evaluate = settings.evaluate();
    if (!settings.sample().model().isEmpty()) {
      return;
    }
    if (evaluate.samples().isEmpty()) {
      throw new ConfigurationFailure(
          "There are no images to evaluate: set evaluate.samples to the folder of a run date of SampleJob, or sample.model to the folder of a trained network, which is then sampled.");
    }
    if (!evaluate.solvers().isEmpty()) {
      throw new ConfigurationFailure(
          "evaluate.solvers are %s, but only a network can be sampled by several solvers: set sample.model to its folder."
              .formatted(evaluate.solvers()));
    }
  }

  /**
   * Finds the files, and reads the network if there are none or solvers are to be compared.
   *
   * @throws DataFailure if they are missing or damaged, or the network makes images of another
   *     shape than the extractor takes, or is not the one that made the files
   */
  static SampleSource open(SetStatistics sets, Settings all) {
    EvaluateSettings settings = all.evaluate();
    SampleSettings sampling = all.sample().withCount(settings.count());
    Configuration hadoop = sets.spark().hadoopConfiguration();
    Optional<SampleFiles> files =
        settings.samples().isEmpty()
            ? Optional.empty()
            : Optional.of(SampleFiles.find(Folder.of(settings.samples(), hadoop)));
    Optional<Model> model =
        files.isPresent() && settings.solvers().isEmpty()
            ? Optional.empty()
            : Optional.of(readModel(sampling.model(), sets.extractor(), hadoop));
    SampleSource source = new SampleSource(sets, settings, sampling, files, model);
    source.checkSameNetwork();
    return source;
  }

  private static Model readModel(String folder, ExtractorFacts extractor, Configuration hadoop) {
    Model model = ModelFolder.read(folder, hadoop);
    ImageShape shape = model.settings().image();
    if (!shape.equals(extractor.image())) {
      throw new DataFailure(
          "The network in %s makes images of %s, but %s takes %s: give a network of that shape, or another evaluate.extractor."
              .formatted(folder, shape, extractor.name(), extractor.image()));
    }
    return model;
  }

  /** The report shows the solvers' table and the samples' figures as those of one network. */
  private void checkSameNetwork() {
    String ofFiles = files.map(SampleFiles::model).orElse("");
    if (!ofFiles.isEmpty() && model.isPresent() && !model.get().digest().equals(ofFiles)) {
      throw new DataFailure(
          "The samples in %s are of another network than sample.model, %s, whose images evaluate.solvers would compare: give the model that made them, or evaluate the solvers alone."
              .formatted(settings.samples(), sampling.model()));
    }
  }

  /** The folder of the files, or of the network. */
  String name() {
    return files.map(found -> found.folder().toString()).orElse(sampling.model());
  }

  /** The network's digest; empty if it is not known. */
  String modelSha256() {
    return files.map(SampleFiles::model).or(() -> model.map(Model::digest)).orElseThrow();
  }

  /** Reasons why the samples may not be all that are there. */
  List<String> warnings() {
    return files.map(SampleFiles::warnings).orElse(List.of());
  }

  /**
   * The statistics of the samples with the lowest ids.
   *
   * @throws DataFailure if files are damaged, or lack images of their run
   */
  PartStatistics statistics() {
    return files
        .map(this::of)
        .orElseGet(() -> sampled("the network in " + sampling.model(), sampling));
  }

  /** The statistics of as many samples of the network by another solver. */
  PartStatistics by(SolverEffort solver) {
    return sampled(
        "the network in %s by %s".formatted(sampling.model(), solver), sampling.with(solver));
  }

  private PartStatistics of(SampleFiles found) {
    LowestIds<String> lowest = lowest(found, settings.count(), sets.spark());
    checkPromised(found, lowest);
    long last = lowest.last();
    return sets.of(
        name(),
        found.images(sets.spark(), sets.extractor().image()).filter(image -> image.id() <= last),
        lowest.size(),
        settings.bootstrap());
  }

  /** The lowest ids, with the file of each, read on the executors. */
  private static LowestIds<String> lowest(SampleFiles found, int max, JavaSparkContext spark) {
    String set = found.folder().toString();
    return OrderedMerge.of(
        found
            .locations(spark)
            .mapPartitions(
                locations -> {
                  LowestIds<String> part = new LowestIds<>(max);
                  locations.forEachRemaining(image -> put(part, set, image.id(), image.file()));
                  return List.of(part).iterator();
                }),
        (all, later) -> {
          later.forEach((id, file) -> put(all, set, id, file));
          return all;
        });
  }

  private static void put(LowestIds<String> files, String set, long id, String file) {
    String other = files.put(id, file);
    if (other != null) {
      throw new DataFailure(
          "Image %d is in %s more than once, %s: keep one file with that image, and remove the others."
              .formatted(
                  id,
                  set,
                  file.equals(other)
                      ? "twice in %s".formatted(file)
                      : "in %s and %s".formatted(other, file)));
    }
  }

  private void checkPromised(SampleFiles found, LowestIds<String> lowest) {
    long first = found.firstId();
    long promised = Math.min(found.count(), settings.count());
    long there = lowest.count(first, first + promised);
    if (there < promised && first + there <= lowest.last()) {
      throw new DataFailure(
          "%s has only %d of the first %d images that its identity.json promises, so the distance would be of fewer images. Copy the missing ones back, or remove identity.json to evaluate what is there."
              .formatted(name(), there, promised));
    }
  }

  private PartStatistics sampled(String set, SampleSettings how) {
    try (ModelSamples samples =
        new ModelSamples(sets.spark(), model.orElseThrow(), how, sets.numerics())) {
      return sets.of(set, samples.images(), how.count(), settings.bootstrap());
    }
  }
}
