package flowmatching.work.sample;

import com.fasterxml.jackson.databind.node.ObjectNode;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.format.Json;
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
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The run of a date: the driver's part of sampling. It writes {@code identity.json} first, then a
 * {@link RangeObject} when its range is done, then the contact sheet and {@code manifest.json}, and
 * {@code _SUCCESS} last, so a run that was stopped can continue.
 *
 * <p>Of concurrent runs with different settings, only one can create the identity. On a store
 * without conditional writes, a lease of the folder decides.
 */
public final class SampleRun implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SampleRun.class);

  private static final int FORMAT_VERSION = 1;
  private static final String CONTACT_SHEET = "contact-sheet.png";
  private static final String MANIFEST = "manifest.json";

  private final JavaSparkContext spark;
  private final SampleSettings settings;
  private final Model model;
  private final RunFolder run;
  private final Folder folder;
  private final Lease lease;

  private SampleRun(JavaSparkContext spark, SampleSettings settings, Model model, RunFolder run) {
    this.spark = spark;
    this.settings = settings;
    this.model = model;
    this.run = run;
    this.folder = run.folder();
    this.lease = new Lease(folder, "SampleJob");
  }

  /** The content of {@code manifest.json}. */
  private record Manifest(
      int formatVersion,
      ObjectNode identity,
      long images,
      long velocityEvaluations,
      List<RangeObject.Entry> objects) {}

  /**
   * Makes all checks before a run, and writes nothing but a probe that it removes.
   *
   * @throws flowmatching.base.failure.Failure as {@link SampleChecks} and {@link RunFolder#check}
   *     do, or if the model cannot be read, the output cannot be written to, or another run holds
   *     the lease
   */
  public static SampleRun open(SparkSession session, SampleSettings settings) {
    var spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    var numeric =
        NumericIdentity.use(Library.best(), Devices.ofDriver(spark), settings.precision());
    var model = ModelFolder.read(settings.model(), spark.hadoopConfiguration());
    SampleChecks.check(settings, model.settings().image());
    var output = Folder.of(settings.output(), spark.hadoopConfiguration());
    output.checkReachable();
    output.checkNoFile();
    var folder = output.child("run-date=" + settings.runDate());
    var run = new RunFolder(folder, SampleIdentity.of(settings, model, numeric));
    run.check();
    var opened = new SampleRun(spark, settings, model, run);
    if (!run.isFinished()
        && !output.checkWritable(folder.name(), folder.name() + "/" + ImageNames.FOLDER)) {
      opened.lease.take(false);
    }
    return opened;
  }

  /**
   * Makes what the run's folder does not have yet.
   *
   * @throws DataFailure if the folder has a run with another identity
   */
  public void complete() {
    if (run.isFinished()) {
      run.checkIdentity();
      LOG.info(
          "The run of {} is complete in {}: nothing is left to do.", settings.runDate(), folder);
      return;
    }
    var identity = run.claim();
    lease.confirm();
    var objects = makeObjects(identity);
    lease.confirm();
    // Overwritten, because a run that was stopped may have left empty files.
    folder.write(CONTACT_SHEET, Png.encode(contactSheet()));
    folder.write(
        MANIFEST,
        Json.file(
            new Manifest(
                FORMAT_VERSION,
                identity.content(),
                settings.count(),
                objects.stream().mapToLong(RangeObject.Entry::velocityEvaluations).sum(),
                objects)));
    folder.createIfAbsent(RunFolder.SUCCESS, new byte[0]);
    LOG.info("The run of {} is complete in {}.", settings.runDate(), folder);
  }

  @Override
  public void close() {
    lease.close();
  }

  private List<RangeObject.Entry> makeObjects(IdentityFile identity) {
    var found = RangesFound.in(folder, settings, identity, spark);
    if (!found.torn().isEmpty()) {
      LOG.warn(
          "{} ranges of ids have files that were removed or changed: making them again.",
          found.torn().size());
    }
    var done = found.done().stream().mapToLong(range -> IdRange.of(range, settings).size()).sum();
    var toMake = settings.count() - done;
    LOG.info(
        "Making {} of {} images with {}, in groups of {}, from id {} and seed {}.",
        toMake,
        settings.count(),
        settings.solver(),
        settings.batchSize(),
        settings.firstId(),
        settings.seed());
    var samplers = new Samplers(model, settings, run.identity().numeric().precision());
    var broadcast = spark.broadcast(samplers);
    var description = spark.getLocalProperty("spark.job.description");
    try (samplers) {
      // Shown in Spark's user interface.
      spark.setJobDescription("Samples into " + folder);
      var numbers = LongStream.range(0, settings.ranges()).boxed().toList();
      var numeric = run.identity().numeric();
      var progress = new ImageProgress(OptionalLong.of(toMake));
      var objects =
          progress.during(
              spark.sc(),
              made ->
                  spark
                      .parallelize(numbers, numbers.size())
                      .map(
                          new RangeTask(
                              settings, folder, identity, numeric, broadcast, found.torn(), made))
                      .collect());
      LOG.info("{} images in {} s.", toMake, Math.round(progress.seconds()));
      return objects;
    } finally {
      broadcast.destroy();
      spark.setJobDescription(description);
    }
  }

  /** The images of the lowest ids. */
  private Image contactSheet() {
    var wanted = Math.min(settings.grid().images(), settings.count());
    var last = RangeObject.among(settings.formats());
    var images = new ArrayList<Image>();
    for (long number = 0; images.size() < wanted; number++) {
      var range = IdRange.of(number, settings);
      last.images(folder, last.name(range))
          .limit(wanted - images.size())
          .map(image -> decode(image, last.fileOf(image.id(), range)))
          .forEach(images::add);
    }
    return ImageGrid.of(images, settings.grid().columns());
  }

  private Image decode(StoredImage image, String file) {
    var title = "Image %d of %s/%s".formatted(image.id(), folder, file);
    try {
      return Png.decode(image.png(), title, model.settings().image());
    } catch (DataFailure e) {
      throw new DataFailure(
          "%s Delete %s/%s and run again: SampleJob makes it again."
              .formatted(e.getMessage(), folder, file),
          e);
    }
  }
}
