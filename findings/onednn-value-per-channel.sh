#!/usr/bin/env bash
# oneDNN 3.11 (org.bytedeco:dnnl 3.11-1.5.13): a product with one value per channel is fast in one layout of these values alone.
#
# Expected: `binary` of images in a blocked layout, nChw8c, and values {1, C, 1, 1} runs generated code for any layout of
# the values, which are C numbers in a row in the plain layout; it is the case of a scale per channel.
# Observed: with values in the plain layout nchw the primitive is the reference implementation. With values in the images' own
# layout, which has the same C numbers in a row, it is generated code. With AVX-512, the same holds for nChw16c. Nothing warns of it, and both give the same numbers.
# Measured beside this script, for 64 channels of 28x28 pixels on an Intel Xeon with AVX-512: about 200 times slower.
# Why it matters: a group norm, a scale per channel, or a bias as a post-op. Give such values in the layout of the images.
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
    <dependency><groupId>org.bytedeco</groupId><artifactId>dnnl</artifactId><version>3.11-1.5.13</version></dependency>
    <dependency><groupId>org.bytedeco</groupId><artifactId>dnnl</artifactId><version>3.11-1.5.13</version><classifier>linux-x86_64</classifier></dependency>
    <dependency><groupId>org.bytedeco</groupId><artifactId>javacpp</artifactId><version>1.5.13</version><classifier>linux-x86_64</classifier></dependency>
    <dependency><groupId>org.bytedeco</groupId><artifactId>opencl</artifactId><version>3.0-1.5.13</version><classifier>linux-x86_64</classifier></dependency>
  </dependencies>
</project>
POM
mvn --quiet --batch-mode -Dstyle.color=never org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory=lib

cat >Product.java <<'JAVA'
import org.bytedeco.dnnl.*;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.memory.format_tag;

class Product {
  static final engine CPU = new engine(engine.kind.cpu, 0);

  public static void main(String[] args) {
    memory.desc images = layout(format_tag.nChw8c, 1, 64, 28, 28);
    String plain = implementation(images, layout(format_tag.nchw, 1, 64, 1, 1));
    String blocked = implementation(images, layout(format_tag.nChw8c, 1, 64, 1, 1));
    System.out.println("images in nChw8c, values per channel in nchw: " + plain);
    System.out.println("images in nChw8c, values per channel in nChw8c: " + blocked);
    if (!plain.startsWith("ref") || !blocked.startsWith("jit")) {
      System.err.println("The behaviour has changed.");
      System.exit(1);
    }
  }

  static String implementation(memory.desc images, memory.desc values) {
    return new binary.primitive_desc(CPU, algorithm.binary_mul, images, values, images).impl_info_str().getString();
  }

  static memory.desc layout(format_tag tag, long... shape) {
    return new memory.desc(shape, data_type.f32, tag, false);
  }
}
JAVA
echo 'org.bytedeco:dnnl 3.11-1.5.13 (oneDNN 3.11.0)'
# With AVX2 alone, every processor shows the same.
ONEDNN_MAX_CPU_ISA=AVX2 java -cp 'lib/*' Product.java
