package flowmatching.work.sample;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.settings.ImageShape;
import flowmatching.means.image.Png;
import flowmatching.means.storage.Folder;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The images of a run of SampleJob, in the first format that is there.
 *
 * @param names of the files that hold the images
 * @param others further formats that the folder has files of; none if it has an {@code
 *     identity.json}, because the files of a run have the same images
 * @param identity of the run; empty if it has no {@code identity.json}
 */
public record SampleFiles(
    Folder folder,
    StoredFormat format,
    List<String> names,
    List<StoredFormat> others,
    Optional<IdentityFile> identity) {
  private static final int PNGS_PER_TASK = 64;
  private static final int TASKS_PER_CORE = 4;
  private static final String EXAMPLE = "runs/samples/run-date=2026-11-24";

  /**
   * Finds the images of a run in the folder of its date.
   *
   * @throws DataFailure if there are none, the run is unfinished, the name of a picture is not the
   *     id of one image, or there is a file instead of a folder
   * @throws flowmatching.base.failure.EnvironmentFailure if the folder cannot be read
   */
  public static SampleFiles find(Folder run) {
    run.checkReachable();
    checkNoFile(run);
    List<String> all = run.list();
    boolean hasIdentity = all.contains(IdentityFile.NAME);
    if (hasIdentity && !all.contains(RunFolder.SUCCESS)) {
      throw new DataFailure(
          "%s is an unfinished run of SampleJob, without %s: run SampleJob again to finish it."
              .formatted(run, RunFolder.SUCCESS));
    }
    Optional<IdentityFile> identity =
        hasIdentity ? Optional.of(IdentityFile.read(run)) : Optional.empty();
    for (StoredFormat format : hasIdentity ? StoredFormat.ofRun() : StoredFormat.ofFolder()) {
      Folder folder = format.in(run);
      checkNoFile(folder);
      List<String> names = format.names(folder);
      if (format == StoredFormat.PNG_LIST && names.size() != identity.orElseThrow().ranges()) {
        // A list was lost: the pictures that it names may be there.
        continue;
      }
      if (format == StoredFormat.PNG) {
        names.forEach(new ImageNames(folder.toString())::add);
      }
      if (!names.isEmpty()) {
        List<StoredFormat> others = hasIdentity ? List.of() : format.laterIn(run);
        return new SampleFiles(folder, format, names, others, identity);
      }
    }
    throw new DataFailure(
        "%s holds no images of SampleJob, %s: give the folder of a run date, such as %s."
            .formatted(
                run,
                run.exists()
                    ? "neither part-*.parquet nor *.tar nor png/*.png"
                    : "because it does not exist",
                EXAMPLE));
  }

  private static void checkNoFile(Folder folder) {
    if (folder.isFile()) {
      throw new DataFailure(
          "%s is a file, not a folder: give the folder of a run date, such as %s."
              .formatted(folder, EXAMPLE));
    }
  }

  /** Reasons why images of the folder may be missing from the set. */
  public List<String> warnings() {
    return others.isEmpty()
        ? List.of()
        : List.of(
            "%s has both %s and %s files: only its %s files are compared; to compare others, move them to another folder"
                .formatted(
                    folder,
                    format,
                    others.stream()
                        .map(StoredFormat::toString)
                        .collect(Collectors.joining(" and ")),
                    format));
  }

  /** The digest of the network that made the images; empty if unknown. */
  public String model() {
    return identity.map(IdentityFile::model).orElse("");
  }

  /** The lowest id; 0 if unknown. */
  public long firstId() {
    return identity.map(IdentityFile::firstId).orElse(0L);
  }

  /** The number of images of the run; 0 if unknown. */
  public long count() {
    return identity.map(IdentityFile::count).orElse(0L);
  }

  /**
   * The images, of a shape that {@link Png#decode} takes. A task fails with a {@link DataFailure}
   * if a file is damaged, or holds images of another shape, or of another run.
   */
  public JavaRDD<IndexedImage> images(JavaSparkContext spark, ImageShape wanted) {
    // Tasks cannot have this record, nor an Optional: they are not serializable.
    Folder place = folder;
    StoredFormat kind = format;
    List<IdentityFile> run = identity.stream().toList();
    return files(spark)
        .flatMap(
            name ->
                kind.read(place, name)
                    .map(
                        image -> {
                          run.forEach(of -> checkOrigin(image, place + "/" + name, of));
                          return decode(image, place + "/" + name, wanted);
                        })
                    .iterator());
  }

  /** The ids of all images, with their files. A task fails if a file is damaged. */
  public JavaRDD<ImageLocation> locations(JavaSparkContext spark) {
    Folder place = folder;
    StoredFormat kind = format;
    return files(spark)
        .flatMap(
            name -> kind.ids(place, name).mapToObj(id -> new ImageLocation(id, name)).iterator());
  }

  private JavaRDD<String> files(JavaSparkContext spark) {
    int filesPerTask = format == StoredFormat.PNG ? PNGS_PER_TASK : 1;
    int tasks =
        Math.min(
            (names.size() + filesPerTask - 1) / filesPerTask,
            TASKS_PER_CORE * Math.max(1, spark.defaultParallelism()));
    return spark.parallelize(names, Math.max(1, tasks));
  }

  private static void checkOrigin(StoredImage image, String origin, IdentityFile run) {
    image
        .origin()
        .flatMap(made -> made.differenceFrom(run))
        .ifPresent(
            difference -> {
              throw new DataFailure(
                  "%s holds images %s, so another run made it: copy the file of this run back, or remove identity.json to evaluate what is there."
                      .formatted(origin, difference));
            });
  }

  private static IndexedImage decode(StoredImage image, String origin, ImageShape wanted) {
    String title = "Image %d of %s".formatted(image.id(), origin);
    return new IndexedImage(
        image.id(), Png.decode(image.png(), title, wanted), image.evaluations().orElse(0));
  }
}
