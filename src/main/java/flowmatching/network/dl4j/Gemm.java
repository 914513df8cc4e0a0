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
   * A matrix {@code [rows, columns]} in row-major order, or in column-major order if transposed.
   *
   * @param stride number of values from one row, or column, to the next
   */
  record Matrix(FloatPointer values, int rows, int columns, int stride, boolean isTransposed) {
    /** Without gaps, in row-major order. */
    Matrix(FloatPointer values, int rows, int columns) {
      this(values, rows, columns, columns, false);
    }

    Matrix transposed() {
      return new Matrix(values, columns, rows, stride, !isTransposed);
    }
  }

  /** out = factor a b. */
  static void multiply(Matrix a, Matrix b, Matrix out, float factor) {
    multiply(a, b, out, factor, 0);
  }

  /** out += a b. */
  static void add(Matrix a, Matrix b, Matrix out) {
    multiply(a, b, out, 1, 1);
  }

  /** out = factor a b + factorOfOut out. */
  static void multiply(Matrix a, Matrix b, Matrix out, float factor, float factorOfOut) {
    cblas_sgemm(
        CblasRowMajor,
        a.isTransposed() ? CblasTrans : CblasNoTrans,
        b.isTransposed() ? CblasTrans : CblasNoTrans,
        out.rows(),
        out.columns(),
        a.columns(),
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
