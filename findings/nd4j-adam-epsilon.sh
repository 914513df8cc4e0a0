#!/usr/bin/env bash
# ND4J 1.0.0-M2.1: Adam adds epsilon to the uncorrected second moment.
#
# Expected: Adam(learning rate, beta1, beta2, epsilon) makes the step that PyTorch documents for torch.optim.Adam:
# the moments are corrected for their bias, and epsilon is added to the root of the corrected second moment.
# Observed: epsilon is added to the root of the uncorrected second moment. In the first step it counts 1 / sqrt(1 - beta2) = 32
# times as much: with a gradient as large as epsilon the step is 0.03 of the learning rate instead of half of it. The difference
# fades within some thousand steps.
# Why it matters: at the start of a training, small gradients learn much more slowly than in PyTorch with the same settings.
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
    <dependency><groupId>org.nd4j</groupId><artifactId>nd4j-native</artifactId><version>1.0.0-M2.1</version><classifier>linux-x86_64-onednn-avx2</classifier></dependency>
    <dependency><groupId>org.nd4j</groupId><artifactId>nd4j-native</artifactId><version>1.0.0-M2.1</version></dependency>
    <dependency><groupId>org.nd4j</groupId><artifactId>nd4j-native-preset</artifactId><version>1.0.0-M2.1</version><classifier>linux-x86_64</classifier></dependency>
    <dependency><groupId>org.bytedeco</groupId><artifactId>javacpp</artifactId><version>1.5.7</version><classifier>linux-x86_64</classifier></dependency>
    <dependency><groupId>org.bytedeco</groupId><artifactId>openblas</artifactId><version>0.3.19-1.5.7</version><classifier>linux-x86_64</classifier></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.7</version></dependency>
  </dependencies>
</project>
POM
mvn --quiet --batch-mode -Dstyle.color=never org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory=lib

cat >AdamStep.java <<'JAVA'
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

class AdamStep {
  public static void main(String[] args) {
    double rate = 1e-3;
    double epsilon = 1e-8;
    boolean differs = false;
    for (double gradient : new double[] {1, 1e-6, 1e-8, 1e-10}) {
      INDArray step = Nd4j.createFromArray(new double[][] {{gradient}});
      new Adam(rate, 0.9, 0.999, epsilon).instantiate(Nd4j.zeros(DataType.DOUBLE, 1, 2), true).applyUpdater(step, 0, 0);
      // After the first step the corrected moments are the gradient and its square.
      double documented = rate * gradient / (gradient + epsilon);
      System.out.printf("gradient %.0e: first step %.6e; with epsilon beside the corrected moment %.6e%n",
          gradient, step.getDouble(0), documented);
      differs |= step.getDouble(0) < documented / 10;
    }
    if (!differs) {
      System.err.println("The behaviour has changed.");
      System.exit(1);
    }
  }
}
JAVA
echo 'nd4j-native 1.0.0-M2.1'
java -cp 'lib/*' AdamStep.java
