package flowmatching;

/** Lengths of vectors. */
public final class Norms {
  private Norms() {}

  public static double of(float[] vector) {
    return distance(vector, new float[vector.length]);
  }

  public static double distance(float[] a, float[] b) {
    double[] wide = new double[b.length];
    for (int i = 0; i < b.length; i++) {
      wide[i] = b[i];
    }
    return distance(a, wide);
  }

  public static double distance(float[] a, double[] b) {
    if (a.length != b.length) {
      throw new AssertionError("%d values beside %d".formatted(a.length, b.length));
    }
    double squares = 0;
    for (int i = 0; i < a.length; i++) {
      squares += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return Math.sqrt(squares);
  }
}
