package flowmatching.work.train;

/** Seconds between laps. */
final class Stopwatch {
  private long lapStart = System.nanoTime();

  /** Of this lap so far. */
  double seconds() {
    return (System.nanoTime() - lapStart) * 1e-9;
  }

  double lap() {
    double seconds = seconds();
    lapStart = System.nanoTime();
    return seconds;
  }
}
