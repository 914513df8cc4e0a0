package flowmatching.network.dl4j;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;

import org.bytedeco.javacpp.FloatPointer;

/** Products of small matrices with ND4J's OpenBLAS. */
final class Gemm {
  private Gemm() {}

  /**
   * A matrix in row-major order.
   *
   * @param stride number of values from one row to the next
   */
  record Matrix(FloatPointer values, int stride, boolean isTransposed) {
    Matrix(FloatPointer values, int stride) {
      this(values, stride, false);
    }

    /** Read as its transpose. */
    Matrix transposed() {
      return new Matrix(values, stride, !isTransposed);
    }
  }

  /** The sizes of a product: {@code [rows, inner]} by {@code [inner, columns]}. */
  record Sizes(int rows, int columns, int inner) {}

  /** One of the products below. */
  @FunctionalInterface
  interface Product {
    void make(Matrix a, Matrix b, Matrix out, Sizes sizes);
  }

  /** out = a b. */
  static void multiply(Matrix a, Matrix b, Matrix out, Sizes sizes) {
    multiply(a, b, out, sizes, 1, 0);
  }

  /** out = factor a b. */
  static void multiply(Matrix a, Matrix b, Matrix out, Sizes sizes, float factor) {
    multiply(a, b, out, sizes, factor, 0);
  }

  /** out += a b. */
  static void add(Matrix a, Matrix b, Matrix out, Sizes sizes) {
    multiply(a, b, out, sizes, 1, 1);
  }

  private static void multiply(
      Matrix a, Matrix b, Matrix out, Sizes sizes, float factor, float factorOfOut) {
    cblas_sgemm(
        CblasRowMajor,
        a.isTransposed() ? CblasTrans : CblasNoTrans,
        b.isTransposed() ? CblasTrans : CblasNoTrans,
        sizes.rows(),
        sizes.columns(),
        sizes.inner(),
        factor,
        a.values(),
        a.stride(),
        b.values(),
        b.stride(),
        factorOfOut,
        out.values(),
        out.stride());
  }
}
