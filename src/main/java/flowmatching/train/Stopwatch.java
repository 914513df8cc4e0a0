package flowmatching.train;

/** Seconds between laps. */
final class Stopwatch {
  private long lapStart = System.nanoTime();

  double lap() {
    long now = System.nanoTime();
    double seconds = (now - lapStart) * 1e-9;
    lapStart = now;
    return seconds;
  }
}
