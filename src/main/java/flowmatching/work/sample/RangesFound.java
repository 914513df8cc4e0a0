package flowmatching.work.sample;

import flowmatching.base.settings.SampleSettings;
import flowmatching.base.settings.SampleSettings.Format;
import flowmatching.means.storage.Folder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The numbers of the ranges that are in a run's folder when the driver starts.
 *
 * @param done ranges with all their files
 * @param torn ranges with their {@link RangeObject}, but with another file removed or changed
 */
record RangesFound(Set<Long> done, Set<Long> torn) {

  /**
   * Finds the ranges. Tasks read their files and compare them with each {@link RangeObject}.
   *
   * @throws flowmatching.base.failure.DataFailure if one is damaged, or of another range or run
   */
  static RangesFound in(
      Folder run, SampleSettings settings, IdentityFile identity, JavaSparkContext spark) {
    var listing = listing(run, settings);
    var last = RangeObject.among(settings.formats());
    var found = new RangesFound(new HashSet<>(), new HashSet<>());
    for (long number = 0; number < settings.ranges(); number++) {
      var range = IdRange.of(number, settings);
      if (listing.getOrDefault(last.name(range), 0L) > 0) {
        var others = filesBefore(range, settings);
        boolean complete = others.stream().allMatch(name -> listing.getOrDefault(name, 0L) > 0);
        (complete ? found.done : found.torn).add(number);
      }
    }
    if (hasFilesBefore(settings)) {
      var changed = changed(List.copyOf(found.done), run, settings, identity, spark);
      found.done.removeAll(changed);
      found.torn.addAll(changed);
    }
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

  private static boolean hasFilesBefore(SampleSettings settings) {
    return settings.formats().contains(Format.PNG) || RangeObject.isTarBefore(settings.formats());
  }

  /** The files of a range that are written before its {@link RangeObject}. */
  private static List<String> filesBefore(IdRange range, SampleSettings settings) {
    var names = new ArrayList<String>();
    if (settings.formats().contains(Format.PNG)) {
      for (long id = range.first(); id <= range.last(); id++) {
        names.add(ImageNames.ofFile(id));
      }
    }
    if (RangeObject.isTarBefore(settings.formats())) {
      names.add(RangeObject.TAR.name(range));
    }
    return names;
  }

  private static List<Long> changed(
      List<Long> ranges,
      Folder run,
      SampleSettings settings,
      IdentityFile identity,
      JavaSparkContext spark) {
    if (ranges.isEmpty()) {
      return List.of();
    }
    return spark
        .parallelize(ranges, ranges.size())
        .filter(number -> !isWhole(IdRange.of(number, settings), run, settings, identity))
        .collect();
  }

  /** Whether all files of a range have the bytes that its {@link RangeObject} implies. */
  private static boolean isWhole(
      IdRange range, Folder run, SampleSettings settings, IdentityFile identity) {
    var last = RangeObject.among(settings.formats());
    var name = last.name(range);
    var object = RangeObject.read(run, name);
    var origin = run + "/" + name;
    var contents = last.contents(object, origin, range, identity);
    boolean pngsAreWhole =
        !settings.formats().contains(Format.PNG)
            || contents.stream().allMatch(image -> isPngOf(image, run));
    return pngsAreWhole
        && (!RangeObject.isTarBefore(settings.formats())
            || Arrays.equals(
                RangeObject.read(run, RangeObject.TAR.name(range)),
                SampleTar.of(SampleParquet.read(object, origin))));
  }

  private static boolean isPngOf(RangeObject.Content image, Folder run) {
    byte[] png = run.read(ImageNames.ofFile(image.id()), PngList.MAX_PNG_BYTES);
    return DigestUtils.sha256Hex(png).equals(image.pngSha256());
  }
}
