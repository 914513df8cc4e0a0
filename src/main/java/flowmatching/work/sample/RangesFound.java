package flowmatching.work.sample;

import flowmatching.base.settings.SampleSettings;
import flowmatching.base.settings.SampleSettings.Format;
import flowmatching.means.storage.Folder;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The numbers of the ranges that are in a run's folder when the driver starts.
 *
 * @param done ranges with all their files
 * @param torn ranges with their {@link RangeObject}, but with another file removed or truncated
 */
record RangesFound(Set<Long> done, Set<Long> torn) {

  /**
   * Finds the ranges. Tasks read each {@link RangeObject}, which has the lengths of the others.
   *
   * @throws flowmatching.base.failure.DataFailure if one is damaged, or of another range or run
   */
  static RangesFound in(
      Folder run, SampleSettings settings, IdentityFile identity, JavaSparkContext spark) {
    var listing = listing(run, settings);
    var last = RangeObject.among(settings.formats());
    var found = new RangesFound(new HashSet<>(), new HashSet<>());
    var toCheck = new ArrayList<Listed>();
    for (long number = 0; number < settings.ranges(); number++) {
      if (listing.getOrDefault(last.name(IdRange.of(number, settings)), 0L) > 0) {
        var range = Listed.of(number, settings, listing);
        if (range.lacksFiles()) {
          found.torn.add(number);
        } else {
          found.done.add(number);
          if (range.lengths().length > 0) {
            toCheck.add(range);
          }
        }
      }
    }
    var truncated = truncated(toCheck, run, settings, identity, spark);
    found.done.removeAll(truncated);
    found.torn.addAll(truncated);
    return found;
  }

  /** The lengths of the files in the run's folder, by name. */
  private static Map<String, Long> listing(Folder run, SampleSettings settings) {
    var listing = new HashMap<>(run.lengths());
    if (settings.formats().contains(Format.PNG) && !listing.isEmpty()) {
      run.child(ImageNames.FOLDER)
          .lengths()
          .forEach((name, length) -> listing.put(ImageNames.FOLDER + "/" + name, length));
    }
    return listing;
  }

  private static List<Long> truncated(
      List<Listed> ranges,
      Folder run,
      SampleSettings settings,
      IdentityFile identity,
      JavaSparkContext spark) {
    if (ranges.isEmpty()) {
      return List.of();
    }
    return spark
        .parallelize(ranges, ranges.size())
        .filter(range -> !range.isComplete(run, settings, identity))
        .map(Listed::number)
        .collect();
  }

  /**
   * A range whose {@link RangeObject} is there.
   *
   * @param lengths bytes of the files that are written before it: PNG files in order of their ids,
   *     then the tar file; 0 for a missing one
   */
  // Never compared.
  @SuppressWarnings("ArrayRecordComponent")
  private record Listed(long number, long[] lengths) implements Serializable {
    static Listed of(long number, SampleSettings settings, Map<String, Long> listing) {
      var range = IdRange.of(number, settings);
      var names = new ArrayList<String>();
      if (settings.formats().contains(Format.PNG)) {
        for (long id = range.first(); id <= range.last(); id++) {
          names.add(ImageNames.ofFile(id));
        }
      }
      if (RangeObject.isTarBefore(settings.formats())) {
        names.add(RangeObject.TAR.name(range));
      }
      return new Listed(
          number, names.stream().mapToLong(name -> listing.getOrDefault(name, 0L)).toArray());
    }

    /** Whether any file is missing or empty. */
    boolean lacksFiles() {
      return Arrays.stream(lengths).anyMatch(length -> length == 0);
    }

    /**
     * Whether the files have the lengths that the {@link RangeObject} implies.
     *
     * @throws flowmatching.base.failure.DataFailure if that is damaged, or of another range or run
     */
    boolean isComplete(Folder run, SampleSettings settings, IdentityFile identity) {
      var range = IdRange.of(number, settings);
      var last = RangeObject.among(settings.formats());
      var name = last.name(range);
      var object = RangeObject.read(run, name);
      var origin = run + "/" + name;
      var contents = last.contents(object, origin, range, identity);
      var implied = LongStream.builder();
      if (settings.formats().contains(Format.PNG)) {
        contents.forEach(image -> implied.add(image.pngBytes()));
      }
      if (RangeObject.isTarBefore(settings.formats())) {
        implied.add(SampleTar.of(SampleParquet.read(object, origin)).length);
      }
      return Arrays.equals(lengths, implied.build().toArray());
    }
  }
}
