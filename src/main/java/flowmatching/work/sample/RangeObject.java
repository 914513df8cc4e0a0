package flowmatching.work.sample;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.settings.SampleSettings.Format;
import flowmatching.means.storage.Folder;
import java.util.List;
import java.util.stream.Stream;

/**
 * The object of a range that is written last: if it is there, the whole range is done. The manifest
 * lists these objects.
 */
enum RangeObject {
  PARQUET("parquet") {
    @Override
    byte[] of(List<EncodedSample> samples) {
      return SampleParquet.of(samples);
    }

    @Override
    List<Integer> evaluations(byte[] object, String origin) {
      return SampleParquet.read(object, origin).stream().map(EncodedSample::evaluations).toList();
    }

    @Override
    Stream<byte[]> pngs(Folder run, String name) {
      return SampleParquet.read(read(run, name), run + "/" + name).stream().map(EncodedSample::png);
    }
  },
  TAR("tar") {
    @Override
    byte[] of(List<EncodedSample> samples) {
      return SampleTar.of(samples);
    }

    @Override
    List<Integer> evaluations(byte[] object, String origin) {
      return ShardReader.read(object, origin).stream()
          .map(image -> evaluations(image, origin))
          .toList();
    }

    private static int evaluations(ShardImage image, String origin) {
      return image
          .evaluations()
          .orElseThrow(
              () ->
                  new DataFailure(
                      "%s does not say how many evaluations image %d took, in a JSON file beside its picture: delete it, and the run makes it again."
                          .formatted(origin, image.id())));
    }

    @Override
    Stream<byte[]> pngs(Folder run, String name) {
      return ShardReader.read(read(run, name), run + "/" + name).stream().map(ShardImage::png);
    }
  },
  /** The list of the range's PNG files, in a run that writes no other files. */
  PNG_LIST("json") {
    @Override
    byte[] of(List<EncodedSample> samples) {
      return PngList.of(samples);
    }

    @Override
    List<Integer> evaluations(byte[] object, String origin) {
      return PngList.read(object, origin).stream().map(PngList.Entry::evaluations).toList();
    }

    @Override
    Stream<byte[]> pngs(Folder run, String name) {
      return PngList.read(read(run, name), run + "/" + name).stream()
          .map(entry -> read(run, PngList.fileName(entry.id())));
    }
  };

  private final String extension;

  RangeObject(String extension) {
    this.extension = extension;
  }

  /** That of a run with these formats. */
  static RangeObject among(List<Format> formats) {
    if (formats.contains(Format.PARQUET)) {
      return PARQUET;
    }
    return formats.contains(Format.TAR) ? TAR : PNG_LIST;
  }

  /** Its name in the run's folder. */
  String name(IdRange range) {
    return range.name(extension);
  }

  /** The object's bytes. */
  abstract byte[] of(List<EncodedSample> samples);

  /**
   * How many evaluations of the velocity each of its images took, by id.
   *
   * @param origin the object's path, for the message
   * @throws flowmatching.base.failure.DataFailure if the bytes are no such object
   */
  abstract List<Integer> evaluations(byte[] object, String origin);

  /**
   * The PNG files of its images by id. What is not consumed is not read, if each is an object of
   * its own.
   *
   * @throws flowmatching.base.failure.DataFailure if an object is missing or damaged
   */
  abstract Stream<byte[]> pngs(Folder run, String name);

  private static byte[] read(Folder run, String name) {
    return run.read(name, SampleRun.MAX_OBJECT_BYTES);
  }
}
