package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A real S3 server, S3Proxy, in a process of its own: it checks signatures (version 4) and keeps
 * objects in a folder, a bucket each of the folders in it.
 */
final class S3Server implements AutoCloseable {
  static final String KEY = "flow-matching-test";
  static final String SECRET = "hush-9f3c7a1e5b";

  private static final Path JAR = Path.of("target/test-servers/s3proxy.jar");
  private static final Pattern HALF_WRITTEN =
      Pattern.compile(".*-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private final Path folder;
  private final int port;
  private Process process;

  /** A server that is started, with its files in a folder that need not exist. */
  S3Server(Path folder) throws IOException {
    this.folder = folder;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      this.port = socket.getLocalPort();
    }
    Files.createDirectories(data());
    start(false);
  }

  private Path data() {
    return folder.resolve("data");
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** Starts it again with what it held; read-only, it refuses every change. */
  void start(boolean readOnly) throws IOException {
    Path properties = folder.resolve("s3proxy.conf");
    Files.write(
        properties,
        List.of(
            "s3proxy.endpoint=" + endpoint(),
            "s3proxy.authorization=aws-v4",
            "s3proxy.identity=" + KEY,
            "s3proxy.credential=" + SECRET,
            "s3proxy.read-only-blobstore=" + readOnly,
            "jclouds.provider=filesystem-nio2",
            "jclouds.filesystem.basedir=" + data().toAbsolutePath()));
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-jar",
                JAR.toAbsolutePath().toString(),
                "--properties",
                properties.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("s3proxy.log").toFile())
            .start();
    await().atMost(Duration.ofSeconds(60)).until(this::answers);
  }

  private boolean answers() {
    assertThat(process.isAlive()).as("S3Proxy runs").isTrue();
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Kills it. What it was just writing it leaves under the object's name with a UUID, and would
   * show as an object; that is removed, since a real store shows an object only when it is whole.
   */
  void stop() throws IOException {
    process.destroyForcibly().onExit().join();
    try (var files = Files.walk(data())) {
      for (var file :
          files.filter(file -> HALF_WRITTEN.matcher(file.toString()).matches()).toList()) {
        Files.delete(file);
      }
    }
  }

  void createBucket(String bucket) {
    try (var client = client()) {
      client.createBucket(request -> request.bucket(bucket));
    }
  }

  void put(String bucket, String key, byte[] content) {
    try (var client = client()) {
      client.putObject(request -> request.bucket(bucket).key(key), RequestBody.fromBytes(content));
    }
  }

  /** The objects under a prefix, by the rest of their keys. */
  Map<String, byte[]> objects(String bucket, String prefix) {
    var objects = new TreeMap<String, byte[]>();
    try (var client = client()) {
      for (var key : keys(client, bucket, prefix)) {
        objects.put(
            key.substring(prefix.length()),
            client.getObjectAsBytes(request -> request.bucket(bucket).key(key)).asByteArray());
      }
    }
    return objects;
  }

  /** The keys of objects under a prefix. */
  List<String> keys(String bucket, String prefix) {
    try (var client = client()) {
      return keys(client, bucket, prefix);
    }
  }

  /** When each object under a prefix was written last. */
  Map<String, Instant> lastModified(String bucket, String prefix) {
    try (var client = client()) {
      return client
          .listObjectsV2Paginator(list -> list.bucket(bucket).prefix(prefix))
          .contents()
          .stream()
          .filter(object -> !object.key().endsWith("/"))
          .collect(Collectors.toMap(S3Object::key, S3Object::lastModified));
    }
  }

  private static List<String> keys(S3Client client, String bucket, String prefix) {
    return client
        .listObjectsV2Paginator(list -> list.bucket(bucket).prefix(prefix))
        .contents()
        .stream()
        .map(S3Object::key)
        // S3A's mark of a folder, from when the probe of the check was deleted.
        .filter(key -> !key.endsWith("/"))
        .toList();
  }

  /** Uploads in parts that were begun and not ended. */
  List<MultipartUpload> pendingUploads(String bucket) {
    try (var client = client()) {
      return client.listMultipartUploads(request -> request.bucket(bucket)).uploads();
    }
  }

  /** The settings of Hadoop that lead to it. */
  Map<String, String> settings() {
    return Map.of(
        "fs.s3a.endpoint", endpoint().toString(),
        "fs.s3a.endpoint.region", "us-east-1",
        "fs.s3a.path.style.access", "true");
  }

  /** The same as options for spark-submit. */
  List<String> options() {
    return settings().entrySet().stream()
        .flatMap(
            setting ->
                Stream.of("--conf", "spark.hadoop." + setting.getKey() + "=" + setting.getValue()))
        .toList();
  }

  /** What a process finds its credentials in. */
  static Map<String, String> environment() {
    return Map.of("AWS_ACCESS_KEY_ID", KEY, "AWS_SECRET_ACCESS_KEY", SECRET);
  }

  private S3Client client() {
    return S3Client.builder()
        .endpointOverride(endpoint())
        .region(Region.US_EAST_1)
        .forcePathStyle(true)
        .httpClientBuilder(ApacheHttpClient.builder())
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create(KEY, SECRET)))
        .build();
  }

  @Override
  public void close() throws IOException {
    stop();
  }
}
