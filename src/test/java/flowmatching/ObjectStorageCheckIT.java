package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with an object store is told before a run. */
@Computes
class ObjectStorageCheckIT {
  /** Of the check, beside the start of two JVMs and of Spark, on a busy machine. */
  private static final Duration BOUND = Duration.ofSeconds(10 + 20);

  @TempDir Path directory;
  private S3Server server;
  private SampleRuns runs;

  @BeforeEach
  void start() throws Exception {
    server = new S3Server(directory.resolve("server"));
    runs = new SampleRuns(server, 20);
    runs.writeModel(directory);
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  @Test
  void aWrongSecret() throws Exception {
    JobProcess job =
        new JobProcess(
            "sample.sh",
            directory,
            server.options(),
            Map.of(
                "AWS_ACCESS_KEY_ID",
                S3Server.KEY,
                "AWS_SECRET_ACCESS_KEY",
                "not-" + S3Server.SECRET));
    refused(job, SampleRuns.output("out"), "access is denied", "check the credentials");
  }

  @Test
  void aMissingBucket() throws Exception {
    refused(runs.job(directory), "s3a://none/out", "The specified bucket does not exist");
  }

  @Test
  void aPortWithoutAServer() throws Exception {
    refused(toEndpoint("http://127.0.0.1:9"), "nothing answers at its address");
  }

  @Test
  void aStoreOfAConfigurationFileThatIsAway() throws Exception {
    JobProcess job = toEndpoint("http://127.0.0.1:9");
    assertThat(job.run("local[1]", List.of("--config", "s3a://images/nightly.conf"))).isEqualTo(3);
    assertThat(job.log())
        .contains("s3a://images/nightly.conf cannot be read: nothing answers at its address");
  }

  @Test
  void anUnknownHost() throws Exception {
    refused(
        toEndpoint("http://no-such-host.invalid:9000"), "there is no host 'no-such-host.invalid'");
  }

  @Test
  void httpsToAnHttpPort() throws Exception {
    refused(
        toEndpoint(server.endpoint().toString().replace("http", "https")), "does not speak TLS");
  }

  @Test
  void aReadOnlyBucket() throws Exception {
    server.stop();
    server.start(true);
    refused(runs.job(directory), SampleRuns.output("out"), "cannot be written to");
  }

  private JobProcess toEndpoint(String endpoint) throws Exception {
    return runs.job(directory, "--conf", "spark.hadoop.fs.s3a.endpoint=" + endpoint);
  }

  private void refused(JobProcess job, String words) throws Exception {
    refused(job, SampleRuns.output("out"), words);
  }

  private void refused(JobProcess job, String output, String... words) throws Exception {
    long start = System.nanoTime();
    List<String> arguments = runs.arguments(output);
    assertThat(job.run("local[2]", arguments)).as(job::log).isEqualTo(3);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(BOUND);
    assertThat(job.log()).contains(words).doesNotContain("\tat ").doesNotContain(S3Server.SECRET);
  }
}
