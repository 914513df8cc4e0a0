package flowmatching.work.sample;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.format.Json;
import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.SampleSettings;
import flowmatching.means.cluster.Devices;
import flowmatching.means.cluster.ImageProgress;
import flowmatching.means.image.Image;
import flowmatching.means.image.ImageGrid;
import flowmatching.means.image.Png;
import flowmatching.means.model.Model;
import flowmatching.means.model.ModelFolder;
import flowmatching.means.storage.Folder;
import flowmatching.means.storage.Lease;
import flowmatching.network.backend.Library;
import flowmatching.network.backend.NumericIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run of a date: the driver's part of sampling. The run's folder tells how far it is: {@code
 * identity.json} comes first, a {@link RangeObject} is there when its range is done, then come the
 * contact sheet and {@code manifest.json}, and {@code _SUCCESS} last of all.
 *
 * <p>Of runs with different settings that begin at the same time, one creates the identity. On a
 * store that cannot create an object only if there is none, a lease of the folder decides.
 */
public final class SampleRun implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SampleRun.class);

  static final int FORMAT_VERSION = 1;

  static final String CONTACT_SHEET = "contact-sheet.png";
  static final String MANIFEST = "manifest.json";
  static final String SUCCESS = "_SUCCESS";

  /** A task holds its range several times: as images, as columns, as the object. */
  private static final int MAX_RANGE_BYTES = 128 << 20;

  static final int MAX_OBJECT_BYTES = Integer.MAX_VALUE - 8;

  private final SparkSession spark;
  private final SampleSettings settings;
  private final Model model;
  private final NumericIdentity numeric;
  private final Folder folder;
  private final Lease lease;

  private SampleRun(
      SparkSession spark,
      SampleSettings settings,
      Model model,
      NumericIdentity numeric,
      Folder folder) {
    this.spark = spark;
    this.settings = settings;
    this.model = model;
    this.numeric = numeric;
    this.folder = folder;
    this.lease = new Lease(folder, "SampleJob");
  }

  /** What {@code manifest.json} holds. */
  private record Manifest(
      int formatVersion,
      RunIdentity identity,
      long images,
      long velocityEvaluations,
      List<SampledObject> objects) {}

  /**
   * Makes all checks that come before a run; nothing is written yet, but for a probe that is
   * removed.
   *
   * @throws ConfigurationFailure where the ranges would not fit into memory
   * @throws DataFailure where the model is missing, broken or makes no images that PNG can hold, or
   *     a run with another identity is under the date, or an unfinished one of another processor or
   *     other versions
   * @throws EnvironmentFailure if the output cannot be written to, another run holds the lease, or
   *     ND4J cannot be loaded
   */
  public static SampleRun open(SparkSession spark, SampleSettings settings) {
    var context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    var numeric = NumericIdentity.use(Library.best(), Devices.ofDriver(context));
    var hadoop = spark.sparkContext().hadoopConfiguration();
    var model = ModelFolder.read(settings.model(), hadoop);
    checkChannels(settings, model);
    checkRangeBytes(settings, model);
    checkArrays(settings, model.settings().image());
    var output = Folder.of(settings.output(), hadoop);
    output.checkReachable();
    var folder = output.child("run-date=" + settings.runDate());
    var run = new SampleRun(spark, settings, model, numeric, folder);
    run.refuseOthers();
    if (!run.isFinished() && !output.checkWritable()) {
      run.lease.take(false);
    }
    return run;
  }

  private static void checkChannels(SampleSettings settings, Model model) {
    var channels = model.settings().image().channels();
    if (channels != 1 && channels != 3) {
      throw new DataFailure(
          "The model in %s makes images of %d channels, and a PNG file holds 1 (grey) or 3 (colour): give sample.model a network of one of those."
              .formatted(settings.model(), channels));
    }
  }

  /** Before hours of sampling rather than after them. */
  private static void checkArrays(SampleSettings settings, ImageShape image) {
    image.values(settings.batchSize());
    var pictured = (int) Math.min(settings.grid().images(), settings.count());
    ImageGrid.checkSize(image, pictured, settings.grid().columns());
  }

  private static void checkRangeBytes(SampleSettings settings, Model model) {
    var image = model.settings().image();
    var images = Math.min(settings.rangeSize(), settings.count());
    var bytes = images * image.channels() * image.height() * image.width();
    if (bytes > MAX_RANGE_BYTES) {
      throw new ConfigurationFailure(
          "sample.range-size = %d makes objects of %d MB before compression, in memory, and %d MB are allowed: give a smaller multiple of sample.batch-size, or of a smaller one."
              .formatted(settings.rangeSize(), bytes >> 20, MAX_RANGE_BYTES >> 20));
    }
  }

  /**
   * Makes what the run's folder does not have yet.
   *
   * @throws DataFailure where a run with another identity is under the date
   */
  public void complete() {
    if (isFinished()) {
      checkIdentity();
      LOG.info(
          "The run of {} is complete in {}: nothing is left to do.", settings.runDate(), folder);
      return;
    }
    if (!folder.createIfAbsent(IdentityFile.NAME, identity().file())) {
      checkIdentity();
    }
    lease.confirm();
    var objects = describe("Samples into " + folder, this::makeObjects);
    lease.confirm();
    // Whole, whatever became of an earlier start's.
    folder.write(CONTACT_SHEET, Png.encode(contactSheet()));
    folder.write(
        MANIFEST,
        Json.file(
            new Manifest(
                FORMAT_VERSION,
                identity(),
                settings.count(),
                objects.stream().mapToLong(SampledObject::velocityEvaluations).sum(),
                objects)));
    folder.createIfAbsent(SUCCESS, new byte[0]);
    LOG.info("The run of {} is complete in {}.", settings.runDate(), folder);
  }

  /** Gives the lease of the folder back, if it was taken. */
  @Override
  public void close() {
    lease.close();
  }

  private RunIdentity identity() {
    return RunIdentity.of(settings, model, numeric);
  }

  private boolean isFinished() {
    return folder.exists(SUCCESS);
  }

  /** Refuses a folder of a run with another identity, and one of no run that is not empty. */
  private void refuseOthers() {
    var names = folder.list();
    if (names.contains(IdentityFile.NAME)) {
      checkIdentity();
      return;
    }
    var other =
        names.stream()
            // What a rival is just uploading, servers that keep objects as files may show so.
            .filter(name -> !name.startsWith(IdentityFile.NAME + "-"))
            .filter(name -> !name.equals(Lease.NAME))
            .findFirst();
    if (other.isPresent()) {
      throw new DataFailure(
          "%s holds files, such as %s, but no %s of a run: give another sample.output, or remove them."
              .formatted(folder, other.get(), IdentityFile.NAME));
    }
  }

  /** A finished run is what was asked for, whatever computed it: nothing is added to it. */
  private void checkIdentity() {
    var file = IdentityFile.read(folder);
    var differences = file.differencesFrom(identity());
    if (!differences.isEmpty()) {
      throw new DataFailure(
          "%s is of another run: %s. Run with the settings and the model of then, or give another sample.output or sample.run-date."
              .formatted(folder, String.join("; ", differences)));
    }
    var numericDifferences = file.numericDifferencesFrom(identity());
    if (!numericDifferences.isEmpty() && !isFinished()) {
      throw new DataFailure(
          "%s is unfinished and of another kind of processor or other versions: %s. Images of both would mix. Finish it on such a processor with those versions, or give another sample.output or sample.run-date."
              .formatted(folder, String.join("; ", numericDifferences)));
    }
  }

  private List<SampledObject> makeObjects() {
    var ranges = settings.ranges();
    var found = RangesFound.in(folder, settings);
    if (!found.torn().isEmpty()) {
      LOG.warn(
          "{} ranges of ids lack files that were removed or emptied since, and are made again.",
          found.torn().size());
    }
    var toMake = imagesToMake(found);
    LOG.info(
        "{} images of {} are to be made by {}, in groups of {}, from id {} and seed {}.",
        toMake,
        settings.count(),
        settings.solver(),
        settings.batchSize(),
        settings.firstId(),
        settings.seed());
    var samplers = new Samplers(model, settings);
    var context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    var broadcast = context.broadcast(samplers);
    try (samplers) {
      var numbers = LongStream.range(0, ranges).boxed().toList();
      var progress = new ImageProgress(OptionalLong.of(toMake));
      var objects =
          progress.during(
              spark.sparkContext(),
              made ->
                  context
                      .parallelize(numbers, numbers.size())
                      .map(new RangeTask(settings, folder, numeric, broadcast, found.torn(), made))
                      .collect());
      LOG.info("{} images in {} s.", toMake, Math.round(progress.seconds()));
      return objects;
    } finally {
      broadcast.destroy();
    }
  }

  private long imagesToMake(RangesFound found) {
    return LongStream.range(0, settings.ranges())
        .filter(number -> !found.done().contains(number))
        .map(number -> IdRange.of(number, settings).size())
        .sum();
  }

  /** The images of the lowest ids. */
  private Image contactSheet() {
    var wanted = Math.min(settings.grid().images(), settings.count());
    var last = RangeObject.among(settings.formats());
    var images = new ArrayList<Image>();
    for (long number = 0; images.size() < wanted; number++) {
      var name = last.name(IdRange.of(number, settings));
      last.pngs(folder, name)
          .limit(wanted - images.size())
          .map(
              png ->
                  Png.decode(
                      png, "An image of %s/%s".formatted(folder, name), model.settings().image()))
          .forEach(images::add);
    }
    return ImageGrid.of(images, settings.grid().columns());
  }

  /** Says in Spark's user interface what a job is for, and puts back what was said before. */
  private <T> T describe(String description, Supplier<T> job) {
    var context = spark.sparkContext();
    var before = context.getLocalProperty("spark.job.description");
    context.setJobDescription(description);
    try {
      return job.get();
    } finally {
      context.setJobDescription(before);
    }
  }
}
