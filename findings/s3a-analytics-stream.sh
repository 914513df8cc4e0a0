#!/usr/bin/env bash
# Hadoop's S3A 3.4.3: reading an open object does not wait for a store that is unavailable.
#
# Expected: fs.s3a.retry.limit and fs.s3a.retry.interval apply to reads as they apply to other requests.
# Observed: 3.4.3 reads with its "analytics" stream unless fs.s3a.input.stream.type names another one. That stream ignores these
# settings once an object is open, and the read fails at once. With the stream "classic" the same read waits, and succeeds when
# the store is back.
# Why it matters: a short outage of a store ends a job that was set up to wait for it.
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
    <dependency>
      <groupId>org.apache.hadoop</groupId><artifactId>hadoop-aws</artifactId><version>3.4.3</version>
      <exclusions><exclusion><groupId>software.amazon.awssdk</groupId><artifactId>bundle</artifactId></exclusion></exclusions>
    </dependency>
    <dependency><groupId>org.apache.hadoop</groupId><artifactId>hadoop-client-api</artifactId><version>3.4.3</version></dependency>
    <dependency><groupId>org.apache.hadoop</groupId><artifactId>hadoop-client-runtime</artifactId><version>3.4.3</version></dependency>
    <dependency><groupId>software.amazon.awssdk</groupId><artifactId>s3</artifactId><version>2.35.4</version></dependency>
    <dependency><groupId>software.amazon.awssdk</groupId><artifactId>s3-transfer-manager</artifactId><version>2.35.4</version></dependency>
    <dependency><groupId>software.amazon.awssdk</groupId><artifactId>sts</artifactId><version>2.35.4</version></dependency>
    <dependency><groupId>org.apache.commons</groupId><artifactId>commons-lang3</artifactId><version>3.12.0</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
mvn --quiet --batch-mode -Dstyle.color=never org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory=lib
mvn --quiet --batch-mode -Dstyle.color=never org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
  -Dartifact=org.gaul:s3proxy:4.1.0:jar:jar-with-dependencies -DoutputDirectory=server

mkdir -p data/images

cat >Outage.java <<'JAVA'
import java.io.*;
import java.net.*;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.util.VersionInfo;

class Outage {
  static int port;

  public static void main(String[] args) throws Exception {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    System.out.println("Hadoop " + VersionInfo.getVersion());
    String byDefault = read(null);
    String byClassic = read("classic");
    System.out.println("default stream: " + byDefault);
    System.out.println("classic stream: " + byClassic);
    if (!byDefault.startsWith("failed") || !byClassic.startsWith("waited")) {
      System.err.println("The behaviour has changed.");
      System.exit(1);
    }
    System.exit(0);
  }

  /** Opens an object, and reads it when the store is away for five seconds. */
  static String read(String stream) throws Exception {
    Configuration conf = new Configuration();
    if (stream != null) {
      conf.set("fs.s3a.input.stream.type", stream);
    }
    conf.set("fs.s3a.endpoint", "http://127.0.0.1:" + port);
    conf.set("fs.s3a.endpoint.region", "us-east-1");
    conf.set("fs.s3a.path.style.access", "true");
    conf.set("fs.s3a.access.key", "key");
    conf.set("fs.s3a.secret.key", "secret");
    conf.set("fs.s3a.attempts.maximum", "1");
    conf.set("fs.s3a.retry.limit", "6");
    conf.set("fs.s3a.retry.interval", "1s");
    Process server = server();
    try (FileSystem store = FileSystem.newInstance(URI.create("s3a://images"), conf)) {
      byte[] content = new byte[100_000];
      new Random(1).nextBytes(content);
      org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path("s3a://images/object");
      try (OutputStream out = store.create(path)) {
        out.write(content);
      }
      InputStream object = store.open(path);
      server.destroyForcibly().waitFor();
      CompletableFuture<byte[]> read = new CompletableFuture<>();
      Thread reader = new Thread(() -> {
        try {
          read.complete(object.readAllBytes());
        } catch (Throwable e) {
          read.completeExceptionally(e);
        }
      });
      reader.setDaemon(true);
      reader.start();
      try {
        read.get(5, TimeUnit.SECONDS);
        return "read from a store that is away";
      } catch (ExecutionException e) {
        return "failed while the store was away: " + e.getCause();
      } catch (TimeoutException e) {
        server = server();
        boolean same = Arrays.equals(read.get(2, TimeUnit.MINUTES), content);
        return same ? "waited for the store, and read the object" : "read other bytes";
      }
    } finally {
      server.destroyForcibly().waitFor();
    }
  }

  static Process server() throws Exception {
    Files.writeString(Path.of("s3proxy.conf"), "s3proxy.endpoint=http://127.0.0.1:" + port
        + "\ns3proxy.authorization=aws-v4\ns3proxy.identity=key\ns3proxy.credential=secret"
        + "\njclouds.provider=filesystem-nio2\njclouds.filesystem.basedir=data\n");
    Process server = new ProcessBuilder("java", "-jar", "server/s3proxy-4.1.0-jar-with-dependencies.jar",
        "--properties", "s3proxy.conf").redirectErrorStream(true).redirectOutput(new File("server.log")).start();
    Runtime.getRuntime().addShutdownHook(new Thread(server::destroyForcibly));
    for (int i = 0; i < 600 && server.isAlive(); i++) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return server;
      } catch (IOException e) {
        Thread.sleep(100);
      }
    }
    throw new IOException("S3Proxy did not start: " + Files.readString(Path.of("server.log")));
  }
}
JAVA
java -cp 'lib/*' Outage.java
