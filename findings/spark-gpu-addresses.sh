#!/usr/bin/env bash
# Spark 3.5.9: a driver is given every address that its discovery script prints, whatever amount was requested.
#
# Expected: with spark.driver.resource.gpu.amount 1 the driver has one GPU, as a task with spark.task.resource.gpu.amount 1 has.
# Observed: the amount is only the least number that the script must print. SparkContext.resources() has all of them. Seen with a
# driver in local mode.
# Why it matters: a driver that uses all of its resources takes the GPUs of executors on the same host. It must choose, or its
# discovery script must print no more than it may use.
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
    <dependency><groupId>org.apache.spark</groupId><artifactId>spark-core_2.12</artifactId><version>3.5.9</version></dependency>
  </dependencies>
</project>
POM
mvn --quiet --batch-mode -Dstyle.color=never org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory=lib

cat >discovery.sh <<'SH'
#!/bin/sh
echo '{"name": "gpu", "addresses": ["0", "1", "2", "3"]}'
SH
chmod +x discovery.sh

cat >Addresses.java <<'JAVA'
import java.util.Arrays;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

class Addresses {
  public static void main(String[] args) {
    SparkConf conf = new SparkConf().setAppName("addresses").setMaster("local[1]").set("spark.ui.enabled", "false")
        .set("spark.driver.resource.gpu.amount", "1")
        .set("spark.driver.resource.gpu.discoveryScript", args[0]);
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      String[] addresses = spark.resources().get("gpu").addresses();
      System.out.println("Spark " + spark.version() + ": 1 GPU was asked for, the driver has " + Arrays.toString(addresses));
      if (addresses.length != 4) {
        System.err.println("The behaviour has changed.");
        System.exit(1);
      }
    }
  }
}
JAVA
SPARK_LOCAL_IP=127.0.0.1 java --add-exports java.base/sun.nio.ch=ALL-UNNAMED --add-opens java.base/java.nio=ALL-UNNAMED \
  --add-opens java.base/java.lang.invoke=ALL-UNNAMED -cp 'lib/*' Addresses.java "$work/discovery.sh" 2>log || {
  cat log >&2
  exit 1
}
