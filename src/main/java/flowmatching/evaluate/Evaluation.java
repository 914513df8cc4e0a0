package flowmatching.evaluate;

import flowmatching.backend.Library;
import flowmatching.backend.NumericIdentity;
import flowmatching.data.ImageSet;
import flowmatching.failure.DataFailure;
import flowmatching.flow.RandomStream;
import flowmatching.flow.RandomStream.Purpose;
import flowmatching.image.Image;
import flowmatching.parallel.Devices;
import flowmatching.settings.EvaluateSettings;
import flowmatching.settings.ImageShape;
import flowmatching.settings.Settings;
import flowmatching.settings.Split;
import flowmatching.storage.Folder;
import flowmatching.storage.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds a run of SampleJob against the real images it is to look like: the driver's part. Samples,
 * as many training images, and as many images of noise are compared with the same test images.
 */
public final class Evaluation {
  private static final Logger LOG = LoggerFactory.getLogger(Evaluation.class);

  static final String RESULT = "evaluation.json";

  /** Of each side for precision and recall, whose cost is the product of both. */
  private static final int MAX_VECTORS = 5000;

  /** Fewer blocks tell nothing about how much distances vary. */
  private static final int LEAST_BLOCKS = 30;

  private static final double TAIL = 0.025;

  private final SparkSession spark;
  private final EvaluateSettings settings;
  private final NumericIdentity numerics;
  private final FeatureExtractor extractor;
  private final ImageSet train;
  private final ImageSet test;
  private final Folder samples;
  private final Folder output;

  private Evaluation(SparkSession spark, Settings settings) {
    this.spark = spark;
    this.settings = settings.evaluate();
    var context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.numerics = NumericIdentity.use(Library.best(), Devices.ofDriver(context));
    this.extractor = FeatureExtractors.named(this.settings.extractor());
    var hadoop = spark.sparkContext().hadoopConfiguration();
    this.samples = Folder.of(this.settings.samples(), hadoop);
    this.output = Folder.of(this.settings.output(), hadoop);
    this.train = open(settings, Split.TRAIN);
    this.test = open(settings, Split.TEST);
  }

  /**
   * Makes all checks that come before.
   *
   * @throws flowmatching.failure.Failure with what is wrong
   */
  public static Evaluation open(SparkSession spark, Settings settings) {
    var evaluation = new Evaluation(spark, settings);
    evaluation.samples.checkReachable();
    evaluation.output.checkWritable();
    return evaluation;
  }

  private ImageSet open(Settings all, Split split) {
    var set = ImageSet.open(spark, all.data().path(), split, OptionalInt.of(settings.count()));
    var shape = shape(set);
    if (!shape.equals(extractor.image())) {
      throw new DataFailure(
          "The images in %s are %s, and %s takes %s: give data.path the images that it was made for, or another evaluate.extractor."
              .formatted(set.folder(), shape, extractor.name(), extractor.image()));
    }
    return set;
  }

  private static ImageShape shape(ImageSet set) {
    return new ImageShape(set.channels(), set.height(), set.width());
  }

  /**
   * Compares them, and writes {@value #RESULT}.
   *
   * @throws DataFailure where images are missing or broken
   */
  public void run() {
    var warnings = new ArrayList<String>();
    var context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    var ofTest = statistics("the test images", real(test), 0);
    var ofSamples =
        statistics(
            samples.toString(),
            SampledImages.of(spark, samples, extractor.image(), settings.count()),
            settings.bootstrap());
    long images = ofSamples.statistics().images();
    if (images < 2) {
      throw new DataFailure(
          "%s holds %d images, and a distance needs at least two: make more with SampleJob."
              .formatted(samples, images));
    }
    if (images <= extractor.features()) {
      warnings.add(
          "%d images have a singular covariance of %d features: the distance is defined, and mostly that of so few images"
              .formatted(images, extractor.features()));
    }
    if (train.count() < images) {
      warnings.add(
          "the floor is of %d images alone, since there are no more training images"
              .formatted(train.count()));
    }
    var real = ofTest.statistics().gaussian();
    var distance = ofSamples.statistics().gaussian().distance(real);
    var interval = interval(ofSamples.statistics(), real, warnings);
    var floor =
        distance(real, "the training images", real(train).filter(image -> image.id() < images));
    var ceiling = distance(real, "images of noise", noise(context, images));
    var result =
        new EvaluationResult(
            samples.toString(),
            images,
            ofTest.statistics().images(),
            new EvaluationResult.Extractor(
                extractor.name(), extractor.version(), extractor.features()),
            distance,
            interval,
            floor,
            ceiling,
            precision(context, ofTest, ofSamples),
            precision(context, ofSamples, ofTest),
            Arrays.stream(ofSamples.statistics().shares()).boxed().toList(),
            Arrays.stream(ofTest.statistics().shares()).boxed().toList(),
            warnings);
    output.write(RESULT, Json.file(result));
    warnings.forEach(warning -> LOG.warn("{}.", warning));
    LOG.info(
        "Fréchet distance of {} images to {} test images: {} (95 %: {}), of real images {}, of noise {}; precision {}, recall {}: {}/{}",
        images,
        result.testImages(),
        figure(distance),
        interval.stream().map(Evaluation::figure).toList(),
        figure(floor),
        figure(ceiling),
        figure(result.precision()),
        figure(result.recall()),
        output,
        RESULT);
  }

  private static String figure(double value) {
    return "%.3f".formatted(value);
  }

  private double distance(Gaussian real, String set, JavaRDD<IndexedImage> images) {
    return statistics(set, images, 0).statistics().gaussian().distance(real);
  }

  private PartStatistics statistics(String set, JavaRDD<IndexedImage> images, int replicates) {
    var bootstrap = new Bootstrap(replicates, 1);
    var task = new FeatureTask(numerics, extractor.name(), bootstrap, set, MAX_VECTORS);
    return images
        .mapPartitions(task)
        .treeAggregate(
            PartStatistics.none(extractor, bootstrap),
            PartStatistics::merge,
            PartStatistics::merge);
  }

  private JavaRDD<IndexedImage> real(ImageSet set) {
    return set.rows(spark, spark.sparkContext().defaultParallelism())
        .javaRDD()
        .map(row -> new IndexedImage(row.getAs("id"), row.getAs("pixels")));
  }

  /** What an untrained network begins with. */
  private JavaRDD<IndexedImage> noise(JavaSparkContext context, long images) {
    var shape = extractor.image();
    return context
        .parallelize(LongStream.range(0, images).boxed().toList(), context.defaultParallelism())
        .map(id -> new IndexedImage(id, noisePixels(shape, id)));
  }

  private static byte[] noisePixels(ImageShape shape, long id) {
    var values = new float[shape.channels() * shape.height() * shape.width()];
    new RandomStream(1, Purpose.SAMPLE_NOISE, 0, id).normals(values, 0, values.length);
    return Image.ofNetwork(shape.channels(), shape.height(), shape.width(), values).pixels();
  }

  private List<Double> interval(ImageStatistics samples, Gaussian real, List<String> warnings) {
    if (settings.bootstrap() == 0) {
      return List.of();
    }
    if (Bootstrap.block(samples.images()) < LEAST_BLOCKS) {
      warnings.add("%d images are too few for an interval".formatted(samples.images()));
      return List.of();
    }
    double[] distances =
        IntStream.range(0, settings.bootstrap())
            .parallel()
            .mapToDouble(replicate -> samples.gaussian(replicate).distance(real))
            .sorted()
            .toArray();
    int tail = (int) (TAIL * distances.length);
    return List.of(distances[tail], distances[distances.length - 1 - tail]);
  }

  /** The share of the second set's vectors that look as the first's do. */
  private double precision(JavaSparkContext context, PartStatistics set, PartStatistics others) {
    var vectors = set.vectorList();
    int k = Math.min(settings.neighbours(), vectors.length - 1);
    return Neighbourhoods.of(context, vectors, k).share(context, others.vectorList());
  }
}
