#!/usr/bin/env bash
# DL4J 1.0.0-M2.1 on ND4J's native backend: the position of an example in its batch changes the bits of a dense layer's output.
#
# Expected: a dense layer gives equal rows for equal examples, whatever else is in the batch.
# Observed: in a batch of equal examples whose size is not a multiple of the matrix product's block size, the last rows differ
# from the first in their last bits. Which sizes are affected depends on the processor's instructions.
# Why it matters: outputs are reproducible to the bit only if an example always has the same position in a batch of the same size.
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
    <dependency><groupId>org.deeplearning4j</groupId><artifactId>deeplearning4j-nn</artifactId><version>1.0.0-M2.1</version></dependency>
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

cat >Dense.java <<'JAVA'
import java.util.*;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.*;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class Dense {
  public static void main(String[] args) {
    Nd4j.getRandom().setSeed(1);
    int batches = 0;
    for (int inputs : new int[] {128, 784}) {
      for (int size : new int[] {7, 31, 32, 63, 64}) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder().seed(1).list()
            .layer(new DenseLayer.Builder().nIn(inputs).nOut(10).activation(Activation.IDENTITY).build())
            .layer(new LossLayer.Builder(LossFunction.MSE).activation(Activation.IDENTITY).build()).build());
        network.init();
        INDArray batch = Nd4j.tile(Nd4j.randn(DataType.FLOAT, 1, inputs), size, 1);
        float[][] rows = network.output(batch).toFloatMatrix();
        List<Integer> others = new ArrayList<>();
        for (int row = 1; row < size; row++) {
          if (!Arrays.equals(rows[0], rows[row])) {
            others.add(row);
          }
        }
        System.out.printf("%d inputs, %d equal examples: rows that differ from row 0: %s%n", inputs, size, others);
        batches += others.isEmpty() ? 0 : 1;
      }
    }
    if (batches == 0) {
      System.err.println("The behaviour has changed: all rows were equal.");
      System.exit(1);
    }
  }
}
JAVA
echo 'deeplearning4j-nn 1.0.0-M2.1, nd4j-native 1.0.0-M2.1'
java -cp 'lib/*' Dense.java
