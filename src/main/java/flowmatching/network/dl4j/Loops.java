package flowmatching.network.dl4j;

/**
 * Loops that the JIT compiler vectorises: over arrays on the heap, indexed by the loop variable
 * without offset, with only inlined calls and without reductions. Results do not depend on the
 * width of the vectors.
 */
final class Loops {
  /** The approximation of tanh is 1 from here. */
  private static final float TANH_IS_ONE = 7.9988117f;

  /** e to this is 2e-9, which is negligible next to 1 in single precision. */
  private static final float MIN_EXPONENT = -20;

  /** Up to this number, values are added one by one. */
  private static final int FEW = 16;

  private Loops() {}

  /** sums += x. */
  static void add(float[] sums, float[] x, int length) {
    for (int i = 0; i < length; i++) {
      sums[i] += x[i];
    }
  }

  /** sums += (x - mean)^2. */
  static void addSquares(float[] sums, float[] x, float mean, int length) {
    for (int i = 0; i < length; i++) {
      float deviation = x[i] - mean;
      sums[i] = Math.fma(deviation, deviation, sums[i]);
    }
  }

  /** sums += x y. */
  static void addProducts(float[] sums, float[] x, float[] y, int length) {
    for (int i = 0; i < length; i++) {
      sums[i] = Math.fma(x[i], y[i], sums[i]);
    }
  }

  /** products = x y. */
  static void products(float[] products, float[] x, float[] y, int length) {
    for (int i = 0; i < length; i++) {
      products[i] = x[i] * y[i];
    }
  }

  /**
   * The sum of values, by repeatedly adding the second half to the first. Overwrites the values.
   *
   * @param scratch at least half as long
   */
  static float fold(float[] values, float[] scratch, int length) {
    float rest = 0;
    int n = length;
    while (n > FEW) {
      int half = n / 2;
      rest += n % 2 == 0 ? 0 : values[n - 1];
      System.arraycopy(values, half, scratch, 0, half);
      add(values, scratch, half);
      n = half;
    }
    for (int i = 0; i < n; i++) {
      rest += values[i];
    }
    return rest;
  }

  /** x = a x + b. */
  static void affine(float a, float[] x, float b, int length) {
    for (int i = 0; i < length; i++) {
      x[i] = Math.fma(a, x[i], b);
    }
  }

  /** x = a x + b y + c. */
  static void combine(float a, float[] x, float b, float[] y, float c, int length) {
    for (int i = 0; i < length; i++) {
      x[i] = Math.fma(a, x[i], Math.fma(b, y[i], c));
    }
  }

  /** x = SiLU(z) = z sigmoid(z) with z = a x + b (Hendrycks and Gimpel 2016, arXiv:1606.08415). */
  static void silu(float a, float[] x, float b, int length) {
    for (int i = 0; i < length; i++) {
      float z = Math.fma(a, x[i], b);
      x[i] = z * sigmoid(z);
    }
  }

  /** gradient *= dSiLU/dz = s (1 + z (1 - s)) with z = a x + b and s = sigmoid(z). */
  static void siluGradient(float[] gradient, float a, float[] x, float b, int length) {
    for (int i = 0; i < length; i++) {
      float z = Math.fma(a, x[i], b);
      float s = sigmoid(z);
      gradient[i] *= s * Math.fma(z, 1 - s, 1);
    }
  }

  /**
   * 1 / (1 + e^-x) = (1 + tanh(x / 2)) / 2 within 3e-7, with the rational minimax approximation of
   * tanh in Eigen and XLA.
   */
  private static float sigmoid(float x) {
    float t = Math.max(-TANH_IS_ONE, Math.min(TANH_IS_ONE, 0.5f * x));
    float u = t * t;
    float p = -2.7607684e-16f;
    p = Math.fma(p, u, 2.000188e-13f);
    p = Math.fma(p, u, -8.604672e-11f);
    p = Math.fma(p, u, 5.1222973e-8f);
    p = Math.fma(p, u, 1.48572235e-5f);
    p = Math.fma(p, u, 6.3726195e-4f);
    p = Math.fma(p, u, 4.8935246e-3f);
    float q = 1.1982584e-6f;
    q = Math.fma(q, u, 1.1853471e-4f);
    q = Math.fma(q, u, 2.2684347e-3f);
    q = Math.fma(q, u, 4.893525e-3f);
    return Math.fma(0.5f, t * p / q, 0.5f);
  }

  /** x = max(x, y). */
  static void max(float[] x, float[] y, int length) {
    for (int i = 0; i < length; i++) {
      x[i] = Math.max(x[i], y[i]);
    }
  }

  /** x = e^(x - shift) and sums += x, for x up to the shift. */
  static void exp(float[] x, float[] shift, float[] sums, int length) {
    for (int i = 0; i < length; i++) {
      float e = exp(x[i] - shift[i]);
      x[i] = e;
      sums[i] += e;
    }
  }

  /**
   * e^x for x up to 0: (e^(x / 16))^16 with the Taylor polynomial of degree 8. The relative error
   * is below 2e-6 from -8; below -8 the absolute error is below 2.1e-9.
   */
  private static float exp(float x) {
    float z = Math.max(MIN_EXPONENT, x) * (1f / 16);
    float e = 1f / 40320;
    e = Math.fma(e, z, 1f / 5040);
    e = Math.fma(e, z, 1f / 720);
    e = Math.fma(e, z, 1f / 120);
    e = Math.fma(e, z, 1f / 24);
    e = Math.fma(e, z, 1f / 6);
    e = Math.fma(e, z, 0.5f);
    e = Math.fma(e, z, 1);
    e = Math.fma(e, z, 1);
    e *= e;
    e *= e;
    e *= e;
    return e * e;
  }

  /** x = scale e^(x - shift), for x up to the shift. */
  static void scaledExp(float[] x, float[] shift, float[] scale, int length) {
    for (int i = 0; i < length; i++) {
      x[i] = scale[i] * exp(x[i] - shift[i]);
    }
  }

  /** x = x y. */
  static void multiply(float[] x, float[] y, int length) {
    for (int i = 0; i < length; i++) {
      x[i] *= y[i];
    }
  }

  /** x = 1 / x. */
  static void invert(float[] x, int length) {
    for (int i = 0; i < length; i++) {
      x[i] = 1 / x[i];
    }
  }

  /** g = p (g - d). */
  static void softmaxGradient(float[] g, float[] p, float[] d, int length) {
    for (int i = 0; i < length; i++) {
      g[i] = p[i] * (g[i] - d[i]);
    }
  }
}
