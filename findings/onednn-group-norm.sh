#!/usr/bin/env bash
# oneDNN 3.11 (org.bytedeco:dnnl 3.11-1.5.13): group normalisation has generated code for some forward passes alone.
#
# Expected: group_normalization_forward and _backward run generated code on x86-64, as batch_normalization does.
# Observed: the backward pass is the reference implementation in all of the layouts nchw, nhwc and the blocked ones that
# convolutions choose, and in blocked layouts the forward pass is too. Nothing warns of it.
# Why it matters: a network for images that trains with group norms would spend most of its time in them. Batch normalisation of
# one image at a time gives the means, variances and sums over pixels per channel, from which group norm and its gradient follow.
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

cat >Norms.java <<'JAVA'
import org.bytedeco.dnnl.*;
import org.bytedeco.dnnl.global.dnnl.normalization_flags;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.memory.format_tag;

class Norms {
  static final engine CPU = new engine(engine.kind.cpu, 0);
  static final int FLAGS = normalization_flags.use_scale.value | normalization_flags.use_shift.value;

  public static void main(String[] args) {
    boolean asSeen = true;
    for (format_tag tag : new format_tag[] {format_tag.nchw, format_tag.nhwc, format_tag.nChw8c}) {
      memory.desc images = new memory.desc(new long[] {16, 64, 28, 28}, data_type.f32, tag, false);
      var forward = new group_normalization_forward.primitive_desc(
          CPU, prop_kind.forward_training.value, images, images, 8, 1e-5f, FLAGS);
      var backward = new group_normalization_backward.primitive_desc(
          CPU, prop_kind.backward.value, images, images, images, 8, 1e-5f, FLAGS, forward);
      String ofForward = forward.impl_info_str().getString();
      String ofBackward = backward.impl_info_str().getString();
      System.out.println(tag + ": forward " + ofForward + ", backward " + ofBackward);
      asSeen &= ofBackward.startsWith("ref") && ofForward.startsWith("ref") == (tag == format_tag.nChw8c);
    }
    if (!asSeen) {
      System.err.println("The behaviour has changed.");
      System.exit(1);
    }
  }
}
JAVA
echo 'org.bytedeco:dnnl 3.11-1.5.13 (oneDNN 3.11.0)'
# With AVX2 alone, every processor shows the same.
ONEDNN_MAX_CPU_ISA=AVX2 java -cp 'lib/*' Norms.java
