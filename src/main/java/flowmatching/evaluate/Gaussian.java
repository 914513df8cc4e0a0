package flowmatching.evaluate;

import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;
import org.apache.commons.math3.linear.SingularValueDecomposition;

/** The normal distribution with the mean {@code [d]} and covariance {@code [d, d]} of features. */
record Gaussian(RealVector mean, RealMatrix covariance) {

  /**
   * The square of the Fréchet distance to another, |m1 - m2|² + tr(C1 + C2 - 2 (C1 C2)^1/2) (Dowson
   * and Landau 1982; Heusel et al. 2017, arXiv:1706.08500). The trace of the root is the sum of the
   * singular values of C1^1/2 C2^1/2: unlike a root of C1 C2 it stays exact where a covariance is
   * singular.
   */
  double distance(Gaussian other) {
    double means = mean.subtract(other.mean).dotProduct(mean.subtract(other.mean));
    RealMatrix roots = root(covariance).multiply(root(other.covariance));
    double trace = 0;
    for (double value : new SingularValueDecomposition(roots).getSingularValues()) {
      trace += value;
    }
    return means + covariance.getTrace() + other.covariance.getTrace() - 2 * trace;
  }

  /** The symmetric root of a covariance, whose eigenvalues may be negative by rounding alone. */
  private static RealMatrix root(RealMatrix covariance) {
    EigenDecomposition eigen = new EigenDecomposition(covariance);
    double[] roots = eigen.getRealEigenvalues();
    for (int i = 0; i < roots.length; i++) {
      roots[i] = Math.sqrt(Math.max(0, roots[i]));
    }
    RealMatrix vectors = eigen.getV();
    return vectors
        .multiply(MatrixUtils.createRealDiagonalMatrix(roots))
        .multiply(vectors.transpose());
  }
}
