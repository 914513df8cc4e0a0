package flowmatching.work.evaluate;

import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;
import org.apache.commons.math3.linear.SingularValueDecomposition;

/**
 * The squared Fréchet distance to a normal distribution, |m1 - m2|² + tr(C1 + C2 - 2 (C1 C2)^1/2)
 * (Dowson and Landau 1982; Heusel et al. 2017, arXiv:1706.08500). The trace of the root is the sum
 * of the singular values of C1^1/2 C2^1/2, which stay real even if rounding makes eigenvalues of C1
 * C2 complex.
 */
final class FrechetDistance {
  private final Gaussian to;
  private final RealMatrix root;

  FrechetDistance(Gaussian to) {
    this.to = to;
    this.root = root(to.covariance());
  }

  double of(Gaussian from) {
    RealVector means = from.mean().subtract(to.mean());
    double trace = 0;
    RealMatrix roots = root(from.covariance()).multiply(root);
    for (double value : new SingularValueDecomposition(roots).getSingularValues()) {
      trace += value;
    }
    double square =
        means.dotProduct(means)
            + from.covariance().getTrace()
            + to.covariance().getTrace()
            - 2 * trace;
    // Rounding can make it negative for equal distributions.
    return Math.max(0, square);
  }

  /**
   * The symmetric root, by singular values: those with the same vector on both sides are the
   * eigenvalues. (EigenDecomposition of the same library does not converge for most covariances
   * whose rank is far below their size.) Values within the rounding error of 0, as a singular
   * covariance has them, become 0: their roots would be a million times larger.
   */
  private static RealMatrix root(RealMatrix covariance) {
    SingularValueDecomposition values = new SingularValueDecomposition(covariance);
    RealMatrix vectors = values.getU();
    double[] roots = values.getSingularValues();
    double rounding = roots.length * Math.ulp(1.0) * roots[0];
    for (int i = 0; i < roots.length; i++) {
      boolean negative =
          vectors.getColumnVector(i).dotProduct(values.getV().getColumnVector(i)) < 0;
      roots[i] = roots[i] > rounding && !negative ? Math.sqrt(roots[i]) : 0;
    }
    return vectors
        .multiply(MatrixUtils.createRealDiagonalMatrix(roots))
        .multiply(vectors.transpose());
  }
}
