#!/usr/bin/env bash
# ND4J 1.0.0-M2.1 (oneDNN 2.3.0): the backward pass of a 3x3 convolution uses Winograd's algorithm.
#
# Expected: ND4J computes the gradients of a convolution with the same algorithm as its output.
# Observed: on processors with AVX-512 the output is a direct convolution. For the gradients ND4J leaves the choice to oneDNN,
# which takes Winograd's algorithm. Their relative error was 2 to 2.5 times that of the output. Not tried without AVX-512.
# Why it matters: gradients depend on the kind of processor by more than the order of sums, and comparisons need bounds for it.
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

grep -qw avx512f /proc/cpuinfo || {
  echo "This needs a processor with AVX-512." >&2
  exit 3
}

cat >Backward.java <<'JAVA'
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

class Backward {
  static final int[] SAME_3X3 = {3, 3, 1, 1, 1, 1, 1, 1, 1, 0, 0};

  public static void main(String[] args) {
    Nd4j.getRandom().setSeed(1);
    INDArray[] inputs = {Nd4j.randn(DataType.FLOAT, 16, 64, 14, 14), Nd4j.randn(DataType.FLOAT, 3, 3, 64, 64),
        Nd4j.zeros(DataType.FLOAT, 64), Nd4j.randn(DataType.FLOAT, 16, 64, 14, 14)};
    INDArray[] single = convolution(DataType.FLOAT, inputs);
    INDArray[] exact = convolution(DataType.DOUBLE, inputs);
    String[] names = {"output", "gradient of the images", "gradient of the weights"};
    for (int i = 0; i < names.length; i++) {
      INDArray error = single[i].castTo(DataType.DOUBLE).sub(exact[i]);
      System.out.printf("%s: relative error %.1e%n", names[i],
          error.norm2Number().doubleValue() / exact[i].norm2Number().doubleValue());
    }
  }

  /** ND4J computes doubles without oneDNN. */
  static INDArray[] convolution(DataType type, INDArray[] inputs) {
    INDArray images = inputs[0].castTo(type), weights = inputs[1].castTo(type), bias = inputs[2].castTo(type);
    INDArray output = Nd4j.create(type, 16, 64, 14, 14);
    Nd4j.exec(DynamicCustomOp.builder("conv2d").addInputs(images, weights, bias).addOutputs(output)
        .addIntegerArguments(SAME_3X3).build());
    INDArray ofImages = images.ulike(), ofWeights = weights.ulike();
    Nd4j.exec(DynamicCustomOp.builder("conv2d_bp").addInputs(images, weights, bias, inputs[3].castTo(type))
        .addOutputs(ofImages, ofWeights, bias.ulike()).addIntegerArguments(SAME_3X3).build());
    return new INDArray[] {output, ofImages, ofWeights};
  }
}
JAVA
echo 'nd4j-native 1.0.0-M2.1'
DNNL_VERBOSE=1 java -cp 'lib/*' Backward.java >output
grep -E 'info,oneDNN|isa:|^(output|gradient)' output
grep ',convolution,' output | cut -d, -f5,6,9 | sort -u
for direction in backward_data backward_weights; do
  grep -q "convolution,jit_wino[^,]*,$direction," output || {
    echo "The behaviour has changed: $direction is not by Winograd." >&2
    exit 1
  }
done
grep -q 'alg:convolution_direct' output
