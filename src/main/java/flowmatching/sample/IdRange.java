package flowmatching.sample;

import flowmatching.settings.SampleSettings;
import java.util.Locale;

/** The ids of one Parquet object and one tar shard, from the first to the last. */
record IdRange(long first, long last) {

  /** A run's range of a number, from 0; the last may be shorter than the others. */
  static IdRange of(long number, SampleSettings run) {
    var first = number * run.rangeSize();
    return new IdRange(first, Math.min(first + run.rangeSize(), run.count()) - 1);
  }

  int size() {
    return Math.toIntExact(last - first + 1);
  }

  /** The name of its Parquet object; names sort as their ids do. */
  String objectName() {
    return name("parquet");
  }

  /** The name of its tar shard. */
  String shardName() {
    return name("tar");
  }

  private String name(String extension) {
    return String.format(Locale.ROOT, "part-%09d-%09d.%s", first, last, extension);
  }
}
