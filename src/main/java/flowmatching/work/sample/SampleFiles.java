package flowmatching.work.sample;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.settings.ImageShape;
import flowmatching.means.image.Png;
import flowmatching.means.storage.Folder;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The files of a run of SampleJob, of whichever of its formats is there.
 *
 * @param names of the files that hold the images
 * @param model digest of the network; empty where no {@code identity.json} tells it
 * @param firstId the lowest id; 0 if no {@code identity.json} tells it
 * @param count images of the run; empty if no {@code identity.json} tells it
 */
public record SampleFiles(
    Folder folder,
    Format format,
    List<String> names,
    String model,
    long firstId,
    OptionalLong count) {
  private static final int MAX_PNG_BYTES = 64 << 20;
  private static final int FILES_A_TASK = 64;

  /** How the images are kept. */
  private enum Format {
    PARQUET("part-.*\\.parquet"),
    TAR(".*\\.tar"),
    PNG(ImageNames.PICTURE);

    private final Pattern names;

    Format(String names) {
      this.names = Pattern.compile(names);
    }

    List<String> in(Folder folder) {
      return folder.list().stream().filter(name -> names.matcher(name).matches()).toList();
    }
  }

  /**
   * Finds them.
   *
   * @throws DataFailure where there are none, the run has not ended, or a picture's name is not the
   *     id of one image
   * @throws flowmatching.base.failure.EnvironmentFailure where the folder cannot be read
   */
  public static SampleFiles find(Folder folder) {
    folder.checkReachable();
    List<String> all = folder.list();
    if (all.contains(IdentityFile.NAME) && !all.contains(SampleRun.SUCCESS)) {
      throw new DataFailure(
          "%s is a run of SampleJob that has not ended, there is no %s in it: run SampleJob again, which makes what is missing."
              .formatted(folder, SampleRun.SUCCESS));
    }
    for (Format format : Format.values()) {
      Folder place = format == Format.PNG ? folder.child(PngList.FOLDER) : folder;
      List<String> names = format.in(place);
      if (format == Format.PNG) {
        names.forEach(new ImageNames(place.toString())::add);
      }
      if (!names.isEmpty()) {
        if (!all.contains(IdentityFile.NAME)) {
          return new SampleFiles(place, format, names, "", 0, OptionalLong.empty());
        }
        IdentityFile identity = IdentityFile.read(folder);
        return new SampleFiles(
            place,
            format,
            names,
            identity.model(),
            identity.firstId(),
            OptionalLong.of(identity.count()));
      }
    }
    throw new DataFailure(
        "%s holds no images of SampleJob, neither part-*.parquet nor *.tar nor png/*.png: give the folder of a run date, such as runs/samples/run-date=2026-11-24."
            .formatted(folder));
  }

  /**
   * The images. A task fails with a sentence if a file is broken or cannot be read, or holds other
   * images than wanted.
   *
   * @param wanted [C, H, W] of each image, see {@link Png#decode}
   */
  public JavaRDD<SampledImage> images(JavaSparkContext spark, ImageShape wanted) {
    int few = format == Format.PNG ? FILES_A_TASK : 1;
    int partitions =
        Math.min((names.size() + few - 1) / few, 4 * Math.max(1, spark.defaultParallelism()));
    Folder place = folder;
    Format kind = format;
    return spark
        .parallelize(names, Math.max(1, partitions))
        .flatMap(name -> read(place, kind, name, wanted).iterator());
  }

  private static List<SampledImage> read(
      Folder folder, Format format, String name, ImageShape wanted) {
    String origin = folder + "/" + name;
    return switch (format) {
      case PARQUET ->
          SampleParquet.read(folder.read(name, SampleRun.MAX_OBJECT_BYTES), origin).stream()
              .map(sample -> decode(sample, origin, wanted))
              .toList();
      case TAR ->
          ShardReader.read(folder.read(name, SampleRun.MAX_OBJECT_BYTES), origin).stream()
              .map(
                  image ->
                      decode(
                          image.id(), image.png(), origin, wanted, image.evaluations().orElse(0)))
              .toList();
      case PNG ->
          List.of(
              decode(
                  ImageNames.id(name, origin),
                  folder.read(name, MAX_PNG_BYTES),
                  origin,
                  wanted,
                  0));
    };
  }

  private static SampledImage decode(EncodedSample sample, String origin, ImageShape wanted) {
    return decode(sample.id(), sample.png(), origin, wanted, sample.evaluations());
  }

  private static SampledImage decode(
      long id, byte[] png, String origin, ImageShape wanted, int evaluations) {
    return new SampledImage(
        id, Png.decode(png, "Image %d of %s".formatted(id, origin), wanted), evaluations);
  }
}
