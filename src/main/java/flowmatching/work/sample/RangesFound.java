package flowmatching.work.sample;

import flowmatching.base.settings.SampleSettings;
import flowmatching.base.settings.SampleSettings.Format;
import flowmatching.means.storage.Folder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
   * @throws flowmatching.base.failure.DataFailure if one is damaged or of another range
   */
  static RangesFound in(Folder run, SampleSettings settings, JavaSparkContext spark) {
    var listing = listing(run, settings);
    var last = RangeObject.among(settings.formats());
    var found = new RangesFound(new HashSet<>(), new HashSet<>());
    var toCheck = new ArrayList<ListedRange>();
    for (long number = 0; number < settings.ranges(); number++) {
      if (listing.getOrDefault(last.name(IdRange.of(number, settings)), 0L) > 0) {
        var range = ListedRange.of(number, settings, listing);
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
    var truncated = truncated(toCheck, run, settings, spark);
    found.done.removeAll(truncated);
    found.torn.addAll(truncated);
    return found;
  }

  private static Map<String, Long> listing(Folder run, SampleSettings settings) {
    var listing = new HashMap<>(run.lengths());
    if (settings.formats().contains(Format.PNG) && !listing.isEmpty()) {
      run.child(PngList.FOLDER)
          .lengths()
          .forEach((name, length) -> listing.put(PngList.FOLDER + "/" + name, length));
    }
    return listing;
  }

  private static List<Long> truncated(
      List<ListedRange> ranges, Folder run, SampleSettings settings, JavaSparkContext spark) {
    if (ranges.isEmpty()) {
      return List.of();
    }
    return spark
        .parallelize(ranges, ranges.size())
        .filter(range -> !range.isComplete(run, settings))
        .map(ListedRange::number)
        .collect();
  }
}
