#!/usr/bin/env bash
# DL4J 1.0.0-M2.1: a SameDiffLayer doubles the gradient that passes through it.
#
# Expected: a SameDiffLayer that returns its input changes no gradient of the network around it.
# Observed: all gradients of the layers before it are twice those with an identity activation in its place. The score and the
# gradients of the layers after it are the same. There is no warning.
# Why it matters: custom layers are often written this way. Gradient checks against finite differences find it.
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

cat >Doubled.java <<'JAVA'
import java.util.*;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.*;
import org.deeplearning4j.nn.conf.layers.samediff.*;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.autodiff.samediff.*;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

public class Doubled {
  public static class Identity extends SameDiffLayer {
    @Override
    public InputType getOutputType(int index, InputType input) {
      return input;
    }

    @Override
    public void defineParameters(SDLayerParams parameters) {}

    @Override
    public void initializeParameters(Map<String, INDArray> parameters) {}

    @Override
    public SDVariable defineLayer(SameDiff graph, SDVariable input, Map<String, SDVariable> parameters, SDVariable mask) {
      return input.mul(1.0);
    }
  }

  static double[] gradient(Layer middle) {
    MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder().dataType(DataType.DOUBLE).list()
        .layer(new DenseLayer.Builder().nIn(3).nOut(3).activation(Activation.IDENTITY).build())
        .layer(middle)
        .layer(new OutputLayer.Builder(LossFunction.MSE).nIn(3).nOut(2).activation(Activation.IDENTITY).build())
        .setInputType(InputType.feedForward(3)).build());
    network.init();
    network.setParams(Nd4j.linspace(DataType.DOUBLE, -0.5, 0.05, network.numParams()).reshape(1, network.numParams()));
    network.setInput(Nd4j.createFromArray(new double[][] {{1, 2, 3}, {4, 5, 7}}));
    network.setLabels(Nd4j.createFromArray(new double[][] {{1, 0}, {0, 1}}));
    network.computeGradientAndScore();
    System.out.println(middle.getClass().getSimpleName() + ": score " + network.score());
    return network.gradient().gradient().toDoubleVector();
  }

  public static void main(String[] args) {
    double[] plain = gradient(new ActivationLayer.Builder().activation(Activation.IDENTITY).build());
    double[] same = gradient(new Identity());
    boolean doubled = true;
    int before = 3 * 3 + 3;
    for (int i = 0; i < plain.length; i++) {
      double ratio = same[i] / plain[i];
      System.out.printf("parameter %d, %s the SameDiffLayer: %.4f and %.4f, ratio %.4f%n",
          i, i < before ? "before" : "behind", plain[i], same[i], ratio);
      doubled &= Math.abs(ratio - (i < before ? 2 : 1)) < 1e-9;
    }
    if (!doubled) {
      System.err.println("The behaviour has changed.");
      System.exit(1);
    }
  }
}
JAVA
echo 'deeplearning4j-nn 1.0.0-M2.1'
java -cp 'lib/*' Doubled.java
