package flowmatching.work.sample;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.settings.SampleSettings.Format;
import flowmatching.means.storage.Folder;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

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

  static byte[] read(Folder run, String name) {
    return run.read(name, MAX_BYTES);
  }

  /** The name of a range's object in the run's folder. */
  String name(IdRange range) {
    return range.name(extension);
  }

  /** The bytes of the object with some samples. */
  byte[] of(List<EncodedSample> samples) {
    return switch (this) {
      case PARQUET -> SampleParquet.of(samples);
      case TAR -> SampleTar.of(samples);
      case PNG_LIST -> PngList.of(samples);
    };
  }

  /**
   * The evaluations of the velocity that each image took, in order of the ids.
   *
   * @param origin the object's path, for the message
   * @throws DataFailure if the object is damaged
   */
  List<Integer> evaluations(byte[] object, String origin) {
    Stream<Integer> evaluations =
        switch (this) {
          case PARQUET ->
              SampleParquet.read(object, origin).stream().map(EncodedSample::evaluations);
          case TAR ->
              ShardReader.read(object, origin).stream().map(image -> evaluations(image, origin));
          case PNG_LIST -> PngList.read(object, origin).stream().map(PngList.Entry::evaluations);
        };
    return evaluations.toList();
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
    return switch (this) {
      case PARQUET -> SampleParquet.read(object, origin).stream().map(EncodedSample::stored);
      case TAR -> ShardReader.read(object, origin).stream();
      case PNG_LIST ->
          PngList.read(object, origin).stream()
              .map(
                  entry ->
                      new StoredImage(
                          entry.id(),
                          read(run, PngList.fileName(entry.id())),
                          OptionalInt.of(entry.evaluations())));
    };
  }
}
