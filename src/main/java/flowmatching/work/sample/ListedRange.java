package flowmatching.work.sample;

import flowmatching.base.settings.SampleSettings;
import flowmatching.base.settings.SampleSettings.Format;
import flowmatching.means.storage.Folder;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A range whose {@link RangeObject} is in the run's folder.
 *
 * @param lengths bytes of the files that are written before it: PNG files in order of their ids,
 *     then the tar file; 0 for a missing one
 */
// Never compared.
@SuppressWarnings("ArrayRecordComponent")
record ListedRange(long number, long[] lengths) implements Serializable {

  /**
   * A range as a listing has it.
   *
   * @param listing the lengths of the files in the run's folder, by name
   */
  static ListedRange of(long number, SampleSettings settings, Map<String, Long> listing) {
    var range = IdRange.of(number, settings);
    var pngs =
        settings.formats().contains(Format.PNG)
            ? LongStream.rangeClosed(range.first(), range.last()).mapToObj(PngList::fileName)
            : Stream.<String>of();
    var tar = hasTarBefore(settings) ? Stream.of(RangeObject.TAR.name(range)) : Stream.<String>of();
    return new ListedRange(
        number,
        Stream.concat(pngs, tar).mapToLong(name -> listing.getOrDefault(name, 0L)).toArray());
  }

  private static boolean hasTarBefore(SampleSettings settings) {
    return settings.formats().contains(Format.TAR)
        && RangeObject.among(settings.formats()) != RangeObject.TAR;
  }

  /** Whether any file is missing or empty. */
  boolean lacksFiles() {
    return Arrays.stream(lengths).anyMatch(length -> length == 0);
  }

  /**
   * Whether the files have the lengths that the {@link RangeObject} implies.
   *
   * @throws flowmatching.base.failure.DataFailure if that is damaged or of another range
   */
  boolean isComplete(Folder run, SampleSettings settings) {
    var range = IdRange.of(number, settings);
    var last = RangeObject.among(settings.formats());
    var name = last.name(range);
    var object = RangeObject.read(run, name);
    var origin = run + "/" + name;
    var contents = last.contents(object, origin, range);
    var pngs =
        settings.formats().contains(Format.PNG)
            ? contents.stream().mapToLong(RangeObject.Content::pngBytes)
            : LongStream.empty();
    var tar =
        hasTarBefore(settings)
            ? LongStream.of(SampleTar.of(SampleParquet.read(object, origin)).length)
            : LongStream.empty();
    return Arrays.equals(lengths, LongStream.concat(pngs, tar).toArray());
  }
}
