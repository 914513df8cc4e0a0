package flowmatching.work.sample;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.settings.SampleSettings.Format;
import flowmatching.means.storage.Folder;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;

/** The object of a range that is written last: it marks the range as done. */
enum RangeObject {
  PARQUET("parquet"),
  TAR("tar"),
  /** The list of the range's PNG files, in a run that writes no other files. */
  PNG_LIST("json");

  private static final int MAX_BYTES = Integer.MAX_VALUE - 8;

  private final String extension;

  RangeObject(String extension) {
    this.extension = extension;
  }

  /** The kind of a run with these formats. */
  static RangeObject among(List<Format> formats) {
    if (formats.contains(Format.PARQUET)) {
      return PARQUET;
    }
    return formats.contains(Format.TAR) ? TAR : PNG_LIST;
  }

  /** Whether a run with these formats has tar files that are not its {@link RangeObject}. */
  static boolean isTarBefore(List<Format> formats) {
    return formats.contains(Format.TAR) && among(formats) != TAR;
  }

  static byte[] read(Folder run, String name) {
    return run.read(name, MAX_BYTES);
  }

  /** The name of a range's object in the run's folder. Names sort like their ids. */
  String name(IdRange range) {
    return String.format(Locale.ROOT, "part-%09d-%09d.%s", range.first(), range.last(), extension);
  }

  /** The name of the file in the run's folder that has an image of a range. */
  String fileOf(long id, IdRange range) {
    return this == PNG_LIST ? ImageNames.ofFile(id) : name(range);
  }

  byte[] of(List<EncodedSample> samples) {
    return switch (this) {
      case PARQUET -> SampleParquet.of(samples);
      case TAR -> SampleTar.of(samples);
      case PNG_LIST -> PngList.of(samples);
    };
  }

  /** An entry of the manifest: the object of a range, and sums over its images. */
  record Entry(String name, int images, long velocityEvaluations, int bytes, String sha256)
      implements Serializable {}

  /** An image in an object: the evaluations that it took, and the digest of its PNG file. */
  record Content(long id, int evaluations, String pngSha256) {}

  /**
   * The images in the object of a range, in order of the ids.
   *
   * @throws DataFailure if the object is damaged, or of another range or run
   */
  List<Content> contents(byte[] object, String origin, IdRange range, IdentityFile run) {
    List<Content> contents = contents(object, origin, run);
    if (contents.size() != range.size()) {
      throw new DataFailure(
          "%s holds %d images, but its name says %d: delete it, and the run makes it again."
              .formatted(origin, contents.size(), range.size()));
    }
    long first = contents.get(0).id();
    long last = contents.get(contents.size() - 1).id();
    if (first != range.first() || last != range.last()) {
      throw new DataFailure(
          "%s holds images %d to %d, but its name says %d to %d: delete it, and the run makes it again."
              .formatted(origin, first, last, range.first(), range.last()));
    }
    return contents;
  }

  private List<Content> contents(byte[] object, String origin, IdentityFile run) {
    if (this == PNG_LIST) {
      PngList list = PngList.read(object, origin);
      checkOrigin(list.origin(), origin, run);
      return list.images().stream()
          .map(entry -> new Content(entry.id(), entry.evaluations(), entry.sha256()))
          .toList();
    }
    return images(object, origin)
        .map(
            image -> {
              image.origin().ifPresent(made -> checkOrigin(made, origin, run));
              return new Content(
                  image.id(), evaluations(image, origin), DigestUtils.sha256Hex(image.png()));
            })
        .toList();
  }

  private static void checkOrigin(Origin made, String origin, IdentityFile run) {
    made.differenceFrom(run)
        .ifPresent(
            difference -> {
              throw new DataFailure(
                  "%s holds images %s, so another run made it: delete it, and the run makes it again."
                      .formatted(origin, difference));
            });
  }

  private static int evaluations(StoredImage image, String origin) {
    return image
        .evaluations()
        .orElseThrow(
            () ->
                new DataFailure(
                    "%s does not say how many evaluations image %d took, in a JSON file beside its picture: delete the tar file, and the run makes it again."
                        .formatted(origin, image.id())));
  }

  /**
   * The images, in order of the ids. PNG files of their own are read only when consumed.
   *
   * @throws DataFailure if a file is missing or damaged
   */
  Stream<StoredImage> images(Folder run, String name) {
    byte[] object = read(run, name);
    String origin = run + "/" + name;
    return this == PNG_LIST
        ? PngList.read(object, origin).images(run, name)
        : images(object, origin);
  }

  /** The images in a Parquet or tar object. */
  private Stream<StoredImage> images(byte[] object, String origin) {
    return this == PARQUET
        ? SampleParquet.read(object, origin).stream().map(EncodedSample::stored)
        : ShardReader.read(object, origin).stream();
  }
}
