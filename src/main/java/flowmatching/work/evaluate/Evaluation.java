package flowmatching.work.evaluate;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.format.Json;
import flowmatching.base.settings.EvaluateSettings;
import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.SampleSettings;
import flowmatching.base.settings.Settings;
import flowmatching.base.settings.SolverEffort;
import flowmatching.base.settings.Split;
import flowmatching.means.cluster.Devices;
import flowmatching.means.cluster.ImageProgress;
import flowmatching.means.image.Image;
import flowmatching.means.image.ImageGrid;
import flowmatching.means.image.Png;
import flowmatching.means.model.Model;
import flowmatching.means.model.ModelFolder;
import flowmatching.means.run.RunFiles;
import flowmatching.means.storage.Folder;
import flowmatching.network.backend.Library;
import flowmatching.network.backend.NumericIdentity;
import flowmatching.network.backend.Versions;
import flowmatching.work.report.Report;
import flowmatching.work.sample.ModelSamples;
import flowmatching.work.sample.SampleFiles;
import flowmatching.work.sample.SampledImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds samples against the real images they are to look like: the driver's part. Samples, as many
 * training images, and as many images of noise are compared with the same test images.
 */
public final class Evaluation {
  private static final Logger LOG = LoggerFactory.getLogger(Evaluation.class);

  private static final int COLUMNS = 16;

  private static final long BOOTSTRAP_SEED = 1;

  private final JavaSparkContext spark;
  private final Settings allSettings;
  private final EvaluateSettings settings;
  private final NumericIdentity numerics;
  private final ExtractorFacts extractor;
  private final Folder output;

  /** Where the samples are: in files, or in a network. */
  private final Optional<SampleFiles> files;

  private final Optional<Model> model;
  private final SampleSettings sampling;
  private final RealImages train;
  private final RealImages test;

  private Evaluation(SparkSession session, Settings all) {
    this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    this.allSettings = all;
    this.settings = all.evaluate();
    this.sampling = all.sample().withCount(settings.count());
    this.numerics = NumericIdentity.use(Library.best(), Devices.ofDriver(spark));
    this.extractor = ExtractorFacts.of(settings.extractor());
    extractor.check(settings.bootstrap());
    this.output = folder(settings.output());
    output.checkWritable();
    this.files =
        settings.samples().isEmpty()
            ? Optional.empty()
            : Optional.of(SampleFiles.find(folder(settings.samples())));
    this.model =
        files.isEmpty() || !settings.solvers().isEmpty()
            ? Optional.of(readModel())
            : Optional.empty();
    checkSolvers();
    var data = all.data().path();
    this.train = RealImages.open(session, data, Split.TRAIN, extractor);
    this.test = RealImages.open(session, data, Split.TEST, extractor).lowest(settings.count());
  }

  /**
   * Makes all checks that come before.
   *
   * @throws flowmatching.base.failure.Failure with what is wrong
   */
  public static Evaluation open(SparkSession spark, Settings settings) {
    EvaluateSettings evaluate = settings.evaluate();
    if (settings.sample().model().isEmpty()) {
      if (evaluate.samples().isEmpty()) {
        throw new ConfigurationFailure(
            "There are no images to evaluate: give evaluate.samples the folder of a run date of SampleJob, or sample.model that of a trained network, which is sampled then.");
      }
      if (!evaluate.solvers().isEmpty()) {
        throw new ConfigurationFailure(
            "evaluate.solvers are %s, and only a network can be sampled by several: give sample.model its folder."
                .formatted(evaluate.solvers()));
      }
    }
    return new Evaluation(spark, settings);
  }

  /** Their table stands below the figures of the samples, as if both were of one network. */
  private void checkSolvers() {
    files
        .map(SampleFiles::model)
        .filter(digest -> !digest.isEmpty())
        .filter(digest -> model.isPresent() && !model.get().digest().equals(digest))
        .ifPresent(
            digest -> {
              throw new DataFailure(
                  "The samples in %s are of another network than sample.model, %s, whose images evaluate.solvers would compare: give the model that drew them, or evaluate the solvers alone."
                      .formatted(settings.samples(), sampling.model()));
            });
  }

  private Folder folder(String path) {
    return Folder.of(path, spark.hadoopConfiguration());
  }

  private Model readModel() {
    Model read = ModelFolder.read(sampling.model(), spark.hadoopConfiguration());
    ImageShape shape = read.settings().image();
    if (!shape.equals(extractor.image())) {
      throw new DataFailure(
          "The network in %s makes images of %s, and %s takes %s: give a network of these, or another evaluate.extractor."
              .formatted(sampling.model(), shape, extractor.name(), extractor.image()));
    }
    return read;
  }

  /**
   * Compares them, and writes {@value RunFiles#EVALUATION}, pictures, and the report of all that
   * the output has.
   *
   * @throws DataFailure where images are missing or broken
   */
  public void run() {
    // First, since they may be broken.
    PartStatistics ofSamples =
        files
            .map(this::ofFiles)
            .orElseGet(() -> ofNetwork("the network in " + sampling.model(), sampling));
    PartStatistics ofTest =
        statistics("the test images", test.images(), OptionalLong.of(test.count()), 0);
    FrechetDistance toTest = new FrechetDistance(ofTest.statistics().gaussian());
    EvaluationResult result = compare(ofTest, toTest, ofSamples);
    write(result);
    tell(result);
    if (!settings.solvers().isEmpty()) {
      write(result.with(settings.solvers().stream().map(solver -> row(solver, toTest)).toList()));
    }
    LOG.info("{}/{} has the figures.", output, RunFiles.EVALUATION);
    Report.write(output);
  }

  private void write(EvaluationResult result) {
    output.write(RunFiles.EVALUATION, Json.file(result));
  }

  private PartStatistics ofFiles(SampleFiles found) {
    String set = found.folder().toString();
    PartStatistics all =
        ofSamples(set, found.images(spark, extractor.image()), found.firstId(), found.count());
    long images = all.statistics().images();
    long expected = Math.min(found.count().orElse(0), settings.count());
    if (images < expected) {
      throw new DataFailure(
          "%s has %d of the first %d images that its identity.json speaks of: the others were removed, and the distance would be of fewer. Copy them back, or evaluate the folder without identity.json to compare what is there."
              .formatted(set, images, expected));
    }
    return all;
  }

  private PartStatistics ofNetwork(String set, SampleSettings how) {
    try (ModelSamples samples = new ModelSamples(spark, model.orElseThrow(), how, numerics)) {
      return ofSamples(set, samples.images(), how.firstId(), OptionalLong.of(how.count()));
    }
  }

  private PartStatistics ofSamples(
      String set, JavaRDD<SampledImage> samples, long firstId, OptionalLong expected) {
    long end = firstId + settings.count();
    return statistics(
        set,
        samples.filter(sample -> sample.id() < end).map(IndexedImage::of),
        expected,
        settings.bootstrap());
  }

  private PartStatistics statistics(
      String set, JavaRDD<IndexedImage> images, OptionalLong expected, int replicates) {
    LOG.info("Looking at {}", set);
    Bootstrap bootstrap = new Bootstrap(replicates, BOOTSTRAP_SEED);
    PartStatistics all =
        new ImageProgress(expected)
            .during(
                spark.sc(),
                taken ->
                    OrderedMerge.of(
                        images.mapPartitions(
                            new FeatureTask(numerics, extractor, bootstrap, set, taken)),
                        PartStatistics::merge));
    if (all.statistics().images() < 2) {
      throw new DataFailure(
          "There are %d images among the first %d ids (evaluate.count) of %s, and a distance needs at least two: make more with SampleJob."
              .formatted(all.statistics().images(), settings.count(), set));
    }
    return all;
  }

  private EvaluationResult compare(
      PartStatistics ofTest, FrechetDistance toTest, PartStatistics ofSamples) {
    ImageStatistics samples = ofSamples.statistics();
    long images = samples.images();
    RealImages asMany = train.lowest(images);
    JavaRDD<IndexedImage> noise = NoiseImages.of(spark, extractor.image(), images);
    List<IndexedImage> all = ofSamples.images().values();
    List<IndexedImage> shown = all.subList(0, Math.min(COLUMNS, all.size()));
    List<NearestImages.Nearest> nearest = NearestImages.of(spark, shown, train.images());
    EvaluationResult result =
        new EvaluationResult(
            files.map(found -> found.folder().toString()).orElse(sampling.model()),
            test.name(),
            images,
            ofTest.statistics().images(),
            extractor,
            toTest.of(samples.gaussian()),
            interval(samples, toTest),
            toTest.of(
                statistics(
                        "the training images", asMany.images(), OptionalLong.of(asMany.count()), 0)
                    .statistics()
                    .gaussian()),
            toTest.of(
                statistics("images of noise", noise, OptionalLong.of(images), 0)
                    .statistics()
                    .gaussian()),
            alike(ofTest, ofSamples),
            alike(ofSamples, ofTest),
            boxed(samples.shares()),
            boxed(ofTest.statistics().shares()),
            IntStream.range(0, shown.size())
                .mapToObj(
                    i ->
                        new EvaluationResult.NearestImage(
                            shown.get(i).id(),
                            nearest.get(i).image().id(),
                            nearest.get(i).distance()))
                .toList(),
            List.of(),
            warnings(images, ofTest.statistics().images()),
            provenance());
    output.write(RunFiles.SAMPLES_SHEET, sheet(all.stream(), COLUMNS));
    output.write(
        RunFiles.NEAREST_SHEET,
        sheet(
            Stream.concat(shown.stream(), nearest.stream().map(NearestImages.Nearest::image)),
            shown.size()));
    return result;
  }

  private EvaluationResult.Provenance provenance() {
    return new EvaluationResult.Provenance(
        files.map(SampleFiles::model).or(() -> model.map(Model::digest)).orElseThrow(),
        Versions.ofThisBuild().project(),
        numerics,
        spark.version(),
        spark.master(),
        Json.tree(allSettings.json()),
        allSettings.origins());
  }

  private List<String> warnings(long images, long testImages) {
    List<String> warnings = new ArrayList<>();
    Stream.of(train, test)
        .map(RealImages::name)
        .filter(name -> !extractor.isMadeFor(name))
        .findFirst()
        .ifPresent(
            name ->
                warnings.add(
                    "%s is made for %s, and the images in %s are others: its distances and classes say little of these, and an evaluate.extractor that is made for them says more"
                        .formatted(extractor.name(), extractor.dataSet(), name)));
    if (Math.min(images, testImages) <= extractor.features()) {
      warnings.add(
          "%d images have a singular covariance of %d features: the distance is defined, and mostly that of so few images"
              .formatted(Math.min(images, testImages), extractor.features()));
    }
    if (settings.bootstrap() > 0 && !DistanceInterval.isTold(images)) {
      warnings.add("%d images are too few for an interval".formatted(images));
    }
    if (train.count() < images) {
      warnings.add(
          "the floor is of %d images alone, since there are no more training images"
              .formatted(train.count()));
    }
    return warnings;
  }

  private static List<Double> boxed(double[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  private static List<Double> interval(ImageStatistics samples, FrechetDistance toTest) {
    return DistanceInterval.isTold(samples.images())
        ? DistanceInterval.of(samples, toTest)
        : List.of();
  }

  /** The share of the second set's vectors that look as the first's do, of as many of each. */
  private double alike(PartStatistics set, PartStatistics others) {
    List<float[]> balls = set.vectors().values();
    List<float[]> points = others.vectors().values();
    int most = Math.min(balls.size(), points.size());
    float[][] centres = balls.subList(0, most).toArray(float[][]::new);
    return Neighbourhoods.of(spark, centres, Math.min(settings.neighbours(), most - 1))
        .share(spark, points.subList(0, most).toArray(float[][]::new));
  }

  private byte[] sheet(Stream<IndexedImage> images, int columns) {
    List<Image> all = images.map(image -> image.image(extractor.image())).toList();
    return Png.encode(ImageGrid.of(all, columns));
  }

  private EvaluationResult.SolverDistance row(SolverEffort solver, FrechetDistance toTest) {
    ImageStatistics statistics =
        ofNetwork(
                "the network in %s by %s".formatted(sampling.model(), solver), solver.in(sampling))
            .statistics();
    EvaluationResult.SolverDistance row =
        new EvaluationResult.SolverDistance(
            solver.toString(),
            statistics.evaluations(),
            toTest.of(statistics.gaussian()),
            interval(statistics, toTest));
    LOG.info(
        "{}: {} evaluations an image, distance {}{}",
        solver,
        figure(row.evaluations()),
        figure(row.distance()),
        figures(row.interval()));
    return row;
  }

  private static void tell(EvaluationResult result) {
    result.warnings().forEach(warning -> LOG.warn("{}.", warning));
    LOG.info(
        "Fréchet distance of {} images to {} test images: {}{}, of real images {}, of noise {}; precision {}, recall {}",
        result.images(),
        result.testImages(),
        figure(result.distance()),
        figures(result.interval()),
        figure(result.floor()),
        figure(result.ceiling()),
        figure(result.precision()),
        figure(result.recall()));
  }

  /** An interval, if there is one. */
  private static String figures(List<Double> interval) {
    return interval.isEmpty()
        ? ""
        : " (95 %%: %s to %s)".formatted(figure(interval.get(0)), figure(interval.get(1)));
  }

  private static String figure(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
