package flowmatching.work.sample;

import flowmatching.base.settings.SampleSettings;
import flowmatching.base.settings.SampleSettings.Format;
import flowmatching.means.storage.Folder;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The numbers of the ranges that are in a run's folder when the driver starts.
 *
 * @param done ranges with all their files
 * @param torn ranges with their {@link RangeObject}, but with another file removed or emptied
 */
record RangesFound(Set<Long> done, Set<Long> torn) {
  static RangesFound in(Folder run, SampleSettings settings) {
    var there = new HashSet<>(run.withContent());
    var last = RangeObject.among(settings.formats());
    if (settings.formats().contains(Format.PNG) && !there.isEmpty()) {
      run.child(PngList.FOLDER)
          .withContent()
          .forEach(name -> there.add(PngList.FOLDER + "/" + name));
    }
    var found = new RangesFound(new HashSet<>(), new HashSet<>());
    for (long number = 0; number < settings.ranges(); number++) {
      var range = IdRange.of(number, settings);
      if (there.contains(last.name(range))) {
        boolean whole = filesBefore(last, range, settings).allMatch(there::contains);
        (whole ? found.done : found.torn).add(number);
      }
    }
    return found;
  }

  /** The files of a range that are written before its {@link RangeObject}. */
  private static Stream<String> filesBefore(
      RangeObject last, IdRange range, SampleSettings settings) {
    var pngs =
        settings.formats().contains(Format.PNG)
            ? LongStream.rangeClosed(range.first(), range.last()).mapToObj(PngList::fileName)
            : Stream.<String>of();
    return settings.formats().contains(Format.TAR) && last != RangeObject.TAR
        ? Stream.concat(pngs, Stream.of(RangeObject.TAR.name(range)))
        : pngs;
  }
}
