#!/usr/bin/env bash
# Parquet for Java 1.13.1 (the version in Spark 3.5): equal rows, different bytes.
#
# Expected: the same rows, written by the same program with the same settings on the same machine, give the same file.
# Observed: files of two processes differ at random. The footer lists a column's encodings in the order of a hash set, which
# follows the identity of enum constants, and that differs between processes. Readers are not affected.
# Why it matters: a digest of the file does not show whether the rows are the same, and retries do not write the same object.
set -euo pipefail

for tool in java javac mvn cmp; do
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
    <dependency><groupId>org.apache.parquet</groupId><artifactId>parquet-hadoop</artifactId><version>1.13.1</version></dependency>
    <dependency><groupId>org.apache.hadoop</groupId><artifactId>hadoop-client-api</artifactId><version>3.4.3</version></dependency>
    <dependency><groupId>org.apache.hadoop</groupId><artifactId>hadoop-client-runtime</artifactId><version>3.4.3</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
mvn --quiet --batch-mode -Dstyle.color=never org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory=lib

cat >Rows.java <<'JAVA'
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.schema.*;

class Rows {
  public static void main(String[] args) throws Exception {
    MessageType schema = MessageTypeParser.parseMessageType("message rows { required int64 id; optional binary name; }");
    try (var writer = ExampleParquetWriter.builder(new Path(args[0])).withType(schema).build()) {
      for (long id = 0; id < 100; id++) {
        writer.write(new SimpleGroupFactory(schema).newGroup().append("id", id).append("name", "row " + id % 7));
      }
    }
  }
}
JAVA
javac -cp 'lib/*' Rows.java
echo 'parquet-hadoop 1.13.1'
for process in {1..16}; do
  java -cp 'lib/*:.' Rows "$process.parquet"
done
sha256sum -- *.parquet
stat --format '%n has %s bytes' 1.parquet
different=$(sha256sum -- *.parquet | cut -d' ' -f1 | sort -u | wc -l)
echo "$different different files of 16"
((different > 1)) || {
  echo "The behaviour has changed: all files were equal." >&2
  exit 1
}
cmp --verbose 1.parquet "$(for file in *.parquet; do cmp --silent 1.parquet "$file" || echo "$file"; done | head -n 1)" || true
