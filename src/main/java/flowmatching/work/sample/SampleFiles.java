package flowmatching.work.sample;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.settings.ImageShape;
import flowmatching.means.image.Png;
import flowmatching.means.storage.Folder;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The images of a run of SampleJob, in the first format that is there.
 *
 * @param names of the files that hold the images
 * @param identity of the run; empty if it has no {@code identity.json}
 */
public record SampleFiles(
    Folder folder, StoredFormat format, List<String> names, Optional<IdentityFile> identity) {
  private static final int PNGS_PER_TASK = 64;

  private static final int TASKS_PER_CORE = 4;

  /**
   * Finds the images of a run.
   *
   * @param run the folder of the run date
   * @throws DataFailure if there are none, the run is unfinished, or the name of a picture is not
   *     the id of one image
   * @throws flowmatching.base.failure.EnvironmentFailure if the folder cannot be read
   */
  public static SampleFiles find(Folder run) {
    run.checkReachable();
    List<String> all = run.list();
    boolean hasIdentity = all.contains(IdentityFile.NAME);
    if (hasIdentity && !all.contains(RunFolder.SUCCESS)) {
      throw new DataFailure(
          "%s is an unfinished run of SampleJob, without %s: run SampleJob again to finish it."
              .formatted(run, RunFolder.SUCCESS));
    }
    for (StoredFormat format : StoredFormat.values()) {
      Folder folder = format == StoredFormat.PNG ? run.child(PngList.FOLDER) : run;
      List<String> names = format.names(folder);
      if (format == StoredFormat.PNG) {
        names.forEach(new ImageNames(folder.toString())::add);
      }
      if (!names.isEmpty()) {
        return new SampleFiles(
            folder,
            format,
            names,
            hasIdentity ? Optional.of(IdentityFile.read(run)) : Optional.empty());
      }
    }
    throw new DataFailure(
        "%s holds no images of SampleJob, neither part-*.parquet nor *.tar nor png/*.png: give the folder of a run date, such as runs/samples/run-date=2026-11-24."
            .formatted(run));
  }

  /** The digest of the network that made the images; empty if unknown. */
  public String model() {
    return identity.map(IdentityFile::model).orElse("");
  }

  /** The lowest id; 0 if unknown. */
  public long firstId() {
    return identity.map(IdentityFile::firstId).orElse(0L);
  }

  /** The number of images of the run, if known. */
  public OptionalLong count() {
    return identity.stream().mapToLong(IdentityFile::count).findFirst();
  }

  /**
   * The images. A task fails with a {@link DataFailure} if a file is damaged or holds images of
   * another shape.
   *
   * @param wanted [C, H, W] of each image, see {@link Png#decode}
   */
  public JavaRDD<IndexedImage> images(JavaSparkContext spark, ImageShape wanted) {
    int filesPerTask = format == StoredFormat.PNG ? PNGS_PER_TASK : 1;
    int tasks =
        Math.min(
            (names.size() + filesPerTask - 1) / filesPerTask,
            TASKS_PER_CORE * Math.max(1, spark.defaultParallelism()));
    // Tasks cannot have this record: it is not serializable.
    Folder place = folder;
    StoredFormat kind = format;
    return spark
        .parallelize(names, Math.max(1, tasks))
        .flatMap(
            name ->
                kind.read(place, name)
                    .map(image -> decode(image, place + "/" + name, wanted))
                    .iterator());
  }

  private static IndexedImage decode(StoredImage image, String origin, ImageShape wanted) {
    String title = "Image %d of %s".formatted(image.id(), origin);
    return new IndexedImage(
        image.id(), Png.decode(image.png(), title, wanted), image.evaluations().orElse(0));
  }
}
