#!/usr/bin/env bash
# Commons Math 3.6.1: EigenDecomposition fails on covariance matrices of low rank.
#
# Expected: a real symmetric matrix always has an eigendecomposition, so a covariance of fewer samples than features has one.
# Observed: with 128 and 256 features and a quarter as many samples it throws MaxCountExceededException ("convergence failed").
# SingularValueDecomposition of the same library decomposes the same matrices.
# Why it matters: the Frechet distance between sets of images needs the square root of such a matrix.
set -euo pipefail

for tool in java mvn; do
  command -v "$tool" >/dev/null || {
    echo "This needs $tool on the PATH." >&2
    exit 3
  }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>findings</groupId><artifactId>finding</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.commons</groupId><artifactId>commons-math3</artifactId><version>3.6.1</version></dependency>
  </dependencies>
</project>
POM
mvn --quiet --batch-mode -Dstyle.color=never org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory=lib

cat >Eigen.java <<'JAVA'
import java.util.Random;
import org.apache.commons.math3.exception.MaxCountExceededException;
import org.apache.commons.math3.linear.*;
import org.apache.commons.math3.stat.correlation.Covariance;

class Eigen {
  public static void main(String[] args) {
    boolean seen = false;
    for (int features : new int[] {16, 32, 64, 128, 256}) {
      int failures = 0;
      double residual = 0;
      for (int seed = 0; seed < 4; seed++) {
        Random random = new Random(seed);
        double[][] samples = new double[features / 4][features];
        for (double[] sample : samples) {
          for (int i = 0; i < features; i++) {
            sample[i] = random.nextGaussian();
          }
        }
        RealMatrix covariance = new Covariance(samples).getCovarianceMatrix();
        try {
          new EigenDecomposition(covariance);
        } catch (MaxCountExceededException e) {
          failures++;
        }
        SingularValueDecomposition svd = new SingularValueDecomposition(covariance);
        RealMatrix again = svd.getU().multiply(svd.getS()).multiply(svd.getVT());
        residual = Math.max(residual, again.subtract(covariance).getNorm() / covariance.getNorm());
      }
      System.out.printf("%d features, %d samples: EigenDecomposition failed %d times of 4; residual of the SVD %.0e%n",
          features, features / 4, failures, residual);
      seen |= failures > 0;
    }
    if (!seen) {
      System.err.println("The behaviour has changed: no decomposition failed.");
      System.exit(1);
    }
  }
}
JAVA
echo 'commons-math3 3.6.1'
java -cp 'lib/*' Eigen.java
