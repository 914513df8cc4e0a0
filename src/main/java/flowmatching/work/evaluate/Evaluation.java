package flowmatching.work.evaluate;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.format.Json;
import flowmatching.base.settings.EvaluateSettings;
import flowmatching.base.settings.Settings;
import flowmatching.base.settings.SolverEffort;
import flowmatching.base.settings.Split;
import flowmatching.means.cluster.Devices;
import flowmatching.means.image.ImageGrid;
import flowmatching.means.image.Png;
import flowmatching.means.run.EvaluationResult;
import flowmatching.means.run.ExtractorFacts;
import flowmatching.means.run.RunFiles;
import flowmatching.means.storage.Folder;
import flowmatching.network.backend.Library;
import flowmatching.network.backend.NumericIdentity;
import flowmatching.network.backend.Versions;
import flowmatching.work.report.Report;
import flowmatching.work.sample.IndexedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares samples with the test images: the driver's part. The same number of training images, and
 * of noise images, is compared with them too, as a floor and a ceiling for the distance.
 */
public final class Evaluation {
  private static final Logger LOG = LoggerFactory.getLogger(Evaluation.class);

  private static final int COLUMNS = 16;

  private final Settings settings;
  private final SetStatistics sets;
  private final Folder output;
  private final SampleSource source;
  private final RealImages train;
  private final RealImages test;

  private Evaluation(SparkSession session, Settings settings) {
    SampleSource.check(settings);
    this.settings = settings;
    EvaluateSettings evaluate = settings.evaluate();
    var spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    NumericIdentity numerics =
        NumericIdentity.use(Library.best(), Devices.ofDriver(spark), settings.sample().precision());
    ExtractorFacts extractor = FeatureExtractors.facts(evaluate.extractor());
    ImageStatistics.checkMemory(extractor, evaluate.bootstrap());
    this.sets = new SetStatistics(spark, numerics, extractor, evaluate.count());
    this.output = Folder.of(evaluate.output(), spark.hadoopConfiguration());
    output.checkWritable(Report.FOLDER);
    this.source = SampleSource.open(sets, settings);
    String data = settings.data().path();
    this.train = RealImages.open(session, data, Split.TRAIN, extractor);
    this.test = RealImages.open(session, data, Split.TEST, extractor).lowest(evaluate.count());
  }

  /**
   * Makes all checks that need no features.
   *
   * @throws flowmatching.base.failure.Failure if the evaluation could not run
   */
  public static Evaluation open(SparkSession spark, Settings settings) {
    return new Evaluation(spark, settings);
  }

  /**
   * Writes {@value RunFiles#EVALUATION}, the pictures, and the report of everything in the output
   * folder.
   *
   * @throws DataFailure if images are missing or damaged
   */
  public void run() {
    // First, because their files may be damaged.
    PartStatistics samples = source.statistics();
    Comparison comparison = Comparison.with(test, sets);
    EvaluationResult result = compare(samples, comparison);
    write(result);
    result.warnings().forEach(warning -> LOG.warn("{}.", warning));
    LOG.info(EvaluationText.of(result));
    List<SolverEffort> solvers = settings.evaluate().solvers();
    if (!solvers.isEmpty()) {
      write(result.with(solvers.stream().map(solver -> row(solver, comparison)).toList()));
    }
    LOG.info("The figures are in {}/{}.", output, RunFiles.EVALUATION);
    Report.write(output);
  }

  private void write(EvaluationResult result) {
    output.write(RunFiles.EVALUATION, Json.file(result));
  }

  private EvaluationResult compare(PartStatistics ofSamples, Comparison comparison) {
    ImageStatistics samples = ofSamples.statistics();
    ImageStatistics ofTest = comparison.test().statistics();
    long count = samples.images();
    RealImages asMany = train.lowest(count);
    List<IndexedImage> images = ofSamples.images().values();
    List<IndexedImage> shown = images.subList(0, Math.min(COLUMNS, images.size()));
    List<NearestImages.Nearest> nearest = NearestImages.of(sets.spark(), shown, train.images());
    EvaluationResult result =
        new EvaluationResult(
            source.name(),
            test.name(),
            count,
            ofTest.images(),
            sets.extractor(),
            comparison.distance(samples),
            comparison.interval(samples),
            comparison.distance("the training images", asMany.images(), asMany.count()),
            comparison.distance(
                "images of noise",
                NoiseImages.of(sets.spark(), sets.extractor().image(), count),
                count),
            comparison.precision(ofSamples, settings.evaluate().neighbours()),
            comparison.recall(ofSamples, settings.evaluate().neighbours()),
            samples.shares(),
            ofTest.shares(),
            IntStream.range(0, shown.size())
                .mapToObj(
                    i ->
                        new EvaluationResult.NearestImage(
                            shown.get(i).id(),
                            nearest.get(i).image().id(),
                            nearest.get(i).distance()))
                .toList(),
            List.of(),
            warnings(count, ofTest.images()),
            provenance());
    output.write(RunFiles.SAMPLES_SHEET, sheet(images.stream(), COLUMNS));
    output.write(
        RunFiles.NEAREST_SHEET,
        sheet(
            Stream.concat(shown.stream(), nearest.stream().map(NearestImages.Nearest::image)),
            shown.size()));
    return result;
  }

  /** Reasons why the figures mean less than they seem to. */
  private List<String> warnings(long images, long testImages) {
    List<String> warnings = new ArrayList<>(source.warnings());
    ExtractorFacts extractor = sets.extractor();
    Stream.of(train.name(), test.name())
        .filter(name -> !extractor.isMadeFor(name))
        .findFirst()
        .ifPresent(
            name ->
                warnings.add(
                    "%s is made for %s, and the images in %s are others: its distances and classes mean little for them; use an evaluate.extractor that is made for them"
                        .formatted(extractor.name(), extractor.dataSet(), name)));
    long fewer = Math.min(images, testImages);
    if (fewer <= extractor.features()) {
      warnings.add(
          "%s images have a singular covariance of %s features: the distance is defined, but most of it comes from the small number of images"
              .formatted(fewer, extractor.features()));
    }
    if (settings.evaluate().bootstrap() > 0 && !Bootstrap.hasEnough(images)) {
      warnings.add(images + " images are too few for an interval");
    }
    if (train.count() < images) {
      warnings.add(
          "the floor is of only %s images because there are no more training images"
              .formatted(train.count()));
    }
    return warnings;
  }

  private EvaluationResult.Provenance provenance() {
    return new EvaluationResult.Provenance(
        source.modelSha256(),
        Versions.ofThisBuild().project(),
        Json.tree(Json.line(sets.numerics())),
        sets.spark().version(),
        sets.spark().master(),
        Json.tree(settings.json()),
        settings.origins());
  }

  private EvaluationResult.SolverDistance row(SolverEffort solver, Comparison comparison) {
    ImageStatistics samples = source.by(solver).statistics();
    EvaluationResult.SolverDistance row =
        new EvaluationResult.SolverDistance(
            solver.toString(),
            samples.evaluations(),
            comparison.distance(samples),
            comparison.interval(samples));
    LOG.info(EvaluationText.of(row));
    return row;
  }

  private static byte[] sheet(Stream<IndexedImage> images, int columns) {
    return Png.encode(ImageGrid.of(images.map(IndexedImage::image).toList(), columns));
  }
}
