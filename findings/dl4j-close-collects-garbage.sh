#!/usr/bin/env bash
# DL4J and ND4J 1.0.0-M2.1: freeing a network or a thread's workspaces collects the garbage of the whole JVM.
#
# Expected: ComputationGraph.close() and destroyAllWorkspacesForCurrentThread() free memory outside of Java's heap, which costs
# about as much as the memory that they free.
# Observed: each calls System.gc() too: one full collection per thread whose workspaces are destroyed, and two per closed graph,
# however small. They take the longer the more other data the heap has.
# Why it matters: a program that makes a network per task, such as one on Spark, spends much of its time collecting garbage.
# Closing the graph's params() and getFlattenedGradients(), and passing each of getAllWorkspacesForCurrentThread() to
# destroyWorkspace(), frees the same memory without a collection.
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

cat >Closing.java <<'JAVA'
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.*;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspaceManager;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class Closing {
  static List<Object> heap;

  public static void main(String[] args) {
    // Other data of the program.
    heap = new java.util.ArrayList<>();
    for (int i = 0; i < 2_000_000; i++) {
      heap.add(new Object[] {i});
    }
    MemoryWorkspaceManager workspaces = Nd4j.getWorkspaceManager();
    long graph = collections("ComputationGraph.close()", network()::close);
    network();
    long all = collections("destroyAllWorkspacesForCurrentThread()", workspaces::destroyAllWorkspacesForCurrentThread);
    ComputationGraph network = network();
    long parts = collections("the same memory, part by part", () -> {
      network.params().close();
      workspaces.getAllWorkspacesForCurrentThread().forEach(workspaces::destroyWorkspace);
    });
    if (graph == 0 || all == 0 || parts != 0) {
      System.err.println("The behaviour has changed.");
      System.exit(1);
    }
  }

  static ComputationGraph network() {
    ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder().graphBuilder()
        .addInputs("in").setOutputs("out")
        .addLayer("dense", new DenseLayer.Builder().nIn(4).nOut(4).activation(Activation.IDENTITY).build(), "in")
        .addLayer("out", new LossLayer.Builder(LossFunction.MSE).activation(Activation.IDENTITY).build(), "dense").build());
    network.init();
    network.outputSingle(Nd4j.ones(DataType.FLOAT, 1, 4));
    return network;
  }

  static long collections(String what, Runnable work) {
    long before = fullCollections();
    long start = System.nanoTime();
    work.run();
    long collections = fullCollections() - before;
    System.out.printf("%s: %d full collections, %d ms%n", what, collections, (System.nanoTime() - start) / 1_000_000);
    return collections;
  }

  static long fullCollections() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .filter(collector -> collector.getName().equals("MarkSweepCompact"))
        .mapToLong(GarbageCollectorMXBean::getCollectionCount).sum();
  }
}
JAVA
echo 'deeplearning4j-nn 1.0.0-M2.1, nd4j-native 1.0.0-M2.1'
# The serial collector counts full collections by themselves.
java -XX:+UseSerialGC -Xmx1g -cp 'lib/*' Closing.java
