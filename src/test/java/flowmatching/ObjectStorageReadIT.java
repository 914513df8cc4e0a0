package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.primitives.Bytes;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads by S3A, as conf/object-storage.properties sets it, from a store that goes and returns. */
class ObjectStorageReadIT {
  /** More than what a connection holds in its buffers. */
  private static final int LENGTH = 64 << 20;

  @TempDir Path directory;
  private final byte[] content = new byte[LENGTH];
  private final ExecutorService reader = Executors.newSingleThreadExecutor();
  private S3Server server;
  private FileSystem store;
  private FSDataInputStream object;

  @BeforeEach
  void openAnObject() throws Exception {
    new Random(1).nextBytes(content);
    server = new S3Server(directory.resolve("server"));
    server.createBucket("images");
    server.put("images", "object", content);
    store = FileSystem.newInstance(URI.create("s3a://images"), configuration(server));
    object = store.open(new org.apache.hadoop.fs.Path("s3a://images/object"));
  }

  @AfterEach
  void stop() throws Exception {
    reader.shutdownNow();
    store.close();
    server.close();
  }

  @Test
  void aReadWaitsForAStoreThatWentAfterTheObjectWasOpened() throws Exception {
    server.stop();

    Future<byte[]> read = readsOn(object::readAllBytes);
    server.start(false);

    assertThat(read.get(2, TimeUnit.MINUTES)).isEqualTo(content);
  }

  @Test
  void aReadThatAStoreCutGoesOn() throws Exception {
    byte[] first = object.readNBytes(1 << 20);
    server.stop();

    Future<byte[]> rest = readsOn(object::readAllBytes);
    server.start(false);

    assertThat(Bytes.concat(first, rest.get(2, TimeUnit.MINUTES))).isEqualTo(content);
  }

  /** Starts a read while the store is away, which must not end then. */
  private <T> Future<T> readsOn(Callable<T> read) {
    Future<T> result = reader.submit(read);
    assertThatThrownBy(() -> result.get(2, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
    return result;
  }

  private static Configuration configuration(S3Server server) throws IOException {
    Configuration configuration = new Configuration();
    Properties file = new Properties();
    try (var in = Files.newBufferedReader(Path.of("conf/object-storage.properties"))) {
      file.load(in);
    }
    file.forEach(
        (name, value) ->
            configuration.set(((String) name).replace("spark.hadoop.", ""), (String) value));
    server.settings().forEach(configuration::set);
    configuration.set("fs.s3a.access.key", S3Server.KEY);
    configuration.set("fs.s3a.secret.key", S3Server.SECRET);
    return configuration;
  }
}
