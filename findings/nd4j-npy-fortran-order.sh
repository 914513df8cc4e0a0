#!/usr/bin/env bash
# ND4J 1.0.0-M2.1: .npy files in Fortran order are read wrongly.
#
# Expected: Nd4j.createFromNpyFile honours fortran_order in the file's header, as the format defines it.
# Observed: the array has the right shape, but its values are in the wrong places, and there is no message. NumPy writes Fortran
# order whenever it saves the transpose of an array.
# Why it matters: weights or images that come from Python as .npy are scrambled. numpy.ascontiguousarray before saving avoids it.
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

cat >Npy.java <<'JAVA'
import java.io.File;
import java.nio.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.Arrays;
import org.nd4j.linalg.factory.Nd4j;

class Npy {
  public static void main(String[] args) throws Exception {
    float[][] meant = {{0, 1, 2}, {3, 4, 5}};
    float[] rowByRow = {0, 1, 2, 3, 4, 5};
    float[] columnByColumn = {0, 3, 1, 4, 2, 5};
    boolean right = equal("c.npy", "False", rowByRow, meant);
    boolean scrambled = !equal("fortran.npy", "True", columnByColumn, meant);
    if (!right || !scrambled) {
      System.err.println("The behaviour has changed.");
      System.exit(1);
    }
  }

  /** Version 1.0 of the format, whose header ends at a multiple of 64 bytes. */
  static boolean equal(String name, String fortranOrder, float[] values, float[][] meant) throws Exception {
    String header = "{'descr': '<f4', 'fortran_order': " + fortranOrder + ", 'shape': (2, 3), }";
    header += " ".repeat(128 - 10 - 1 - header.length()) + "\n";
    ByteBuffer file = ByteBuffer.allocate(128 + 4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    file.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII)).put((byte) 1).put((byte) 0);
    file.putShort((short) header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
    for (float value : values) {
      file.putFloat(value);
    }
    Files.write(Path.of(name), file.array());
    float[][] read = Nd4j.createFromNpyFile(new File(name)).toFloatMatrix();
    System.out.println(name + ": meant " + Arrays.deepToString(meant) + ", read " + Arrays.deepToString(read));
    return Arrays.deepEquals(read, meant);
  }
}
JAVA
echo 'nd4j-native 1.0.0-M2.1'
java -cp 'lib/*' Npy.java
