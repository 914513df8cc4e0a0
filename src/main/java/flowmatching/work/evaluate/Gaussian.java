package flowmatching.work.evaluate;

import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;

/** The normal distribution with the mean {@code [d]} and covariance {@code [d, d]} of features. */
record Gaussian(RealVector mean, RealMatrix covariance) {}
