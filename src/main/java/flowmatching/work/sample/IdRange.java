package flowmatching.work.sample;

import flowmatching.base.settings.SampleSettings;

/** The ids of one task and its objects, both ends included. */
record IdRange(long first, long last) {

  /** A range of a run, by its number from 0. The last range may be shorter than the others. */
  static IdRange of(long number, SampleSettings run) {
    var first = run.firstId() + number * run.rangeSize();
    return new IdRange(first, Math.min(first + run.rangeSize(), run.endId()) - 1);
  }

  int size() {
    return Math.toIntExact(last - first + 1);
  }
}
