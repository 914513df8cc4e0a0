package flowmatching.work.train;

/** Measures seconds between laps. */
final class Stopwatch {
  private long lapStart = System.nanoTime();

  /** The seconds of this lap so far. */
  double seconds() {
    return (System.nanoTime() - lapStart) * 1e-9;
  }

  /** Ends the lap and returns its seconds. */
  double lap() {
    double seconds = seconds();
    lapStart = System.nanoTime();
    return seconds;
  }
}
