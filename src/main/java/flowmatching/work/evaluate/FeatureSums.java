package flowmatching.work.evaluate;

import java.io.Serializable;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * The number, sum and sum of outer products of feature vectors, which give their mean and
 * covariance. The sums of parts of a set add up to those of the whole.
 */
final class FeatureSums implements Serializable {
  private double count;
  private final double[] sum;

  /** The upper triangle of the outer products, row by row. */
  private final double[] products;

  FeatureSums(int features) {
    this.sum = new double[features];
    this.products = new double[features * (features + 1) / 2];
  }

  double count() {
    return count;
  }

  void add(float[] vector) {
    count++;
    int next = 0;
    for (int i = 0; i < vector.length; i++) {
      double value = vector[i];
      sum[i] += value;
      for (int j = i; j < vector.length; j++) {
        products[next++] += value * vector[j];
      }
    }
  }

  /** Adds each of the other vectors a number of times. */
  void add(FeatureSums other, double times) {
    count += times * other.count;
    addTo(sum, other.sum, times);
    addTo(products, other.products, times);
  }

  private static void addTo(double[] sums, double[] others, double times) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += times * others[i];
    }
  }

  /**
   * Their mean and sample covariance (divided by their number minus one).
   *
   * @throws IllegalStateException if there are fewer than two
   */
  Gaussian gaussian() {
    if (count < 2) {
      throw new IllegalStateException("A covariance needs two vectors, not " + count);
    }
    int features = sum.length;
    double[] mean = new double[features];
    for (int i = 0; i < features; i++) {
      mean[i] = sum[i] / count;
    }
    RealMatrix covariance = new Array2DRowRealMatrix(features, features);
    int next = 0;
    for (int i = 0; i < features; i++) {
      for (int j = i; j < features; j++) {
        double value = (products[next++] - count * mean[i] * mean[j]) / (count - 1);
        covariance.setEntry(i, j, value);
        covariance.setEntry(j, i, value);
      }
    }
    return new Gaussian(new ArrayRealVector(mean, false), covariance);
  }
}
