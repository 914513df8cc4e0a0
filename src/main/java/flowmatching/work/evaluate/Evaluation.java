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
import java.util.Arrays;
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
    NumericIdentity numerics = NumericIdentity.use(Library.best(), Devices.ofDriver(spark));
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
            boxed(samples.shares()),
            boxed(ofTest.shares()),
            IntStream.range(0, shown.size())
                .mapToObj(
                    i ->
                        new EvaluationResult.NearestImage(
                            shown.get(i).id(),
                            nearest.get(i).image().id(),
                            nearest.get(i).distance()))
                .toList(),
            List.of(),
            Stream.concat(
                    source.warnings().stream(),
                    EvaluationText.warnings(
                        sets.extractor(), settings.evaluate(), train, test, count, ofTest.images())
                        .stream())
                .toList(),
            provenance());
    output.write(RunFiles.SAMPLES_SHEET, sheet(images.stream(), COLUMNS));
    output.write(
        RunFiles.NEAREST_SHEET,
        sheet(
            Stream.concat(shown.stream(), nearest.stream().map(NearestImages.Nearest::image)),
            shown.size()));
    return result;
  }

  private EvaluationResult.Provenance provenance() {
    return new EvaluationResult.Provenance(
        source.modelSha256(),
        Versions.ofThisBuild().project(),
        sets.numerics(),
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

  private static List<Double> boxed(double[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  private static byte[] sheet(Stream<IndexedImage> images, int columns) {
    return Png.encode(ImageGrid.of(images.map(IndexedImage::image).toList(), columns));
  }
}
