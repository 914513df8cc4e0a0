package flowmatching;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import flowmatching.means.storage.Folder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import javax.imageio.ImageIO;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged job with its output on a real S3 server: whatever happens to a run, what is there at
 * its end is, byte for byte, what one thread writes to a local folder.
 */
@ExtendWith(SparkSessionExtension.class)
@Computes
class ObjectStorageIT {
  /** For three tries in place of six, which take about 7 s in place of a minute. */
  private static final Duration AWAY_BOUND = Duration.ofSeconds(60);

  @TempDir static Path shared;
  private static S3Server server;
  private static Runs thousand;
  private static Runs few;

  /** Runs of so many images, and what one thread writes to a local folder. */
  private record Runs(SampleRuns sampling, Map<String, String> expected) {
    static Runs of(int images) throws Exception {
      var sampling = new SampleRuns(server, images);
      Path folder = shared.resolve("local-" + images);
      JobProcess job = sampling.job(folder);
      assertThat(job.run("local[1]", sampling.arguments("out"))).as(job::log).isZero();
      Map<String, String> expected = SampleRuns.digests(SampleRuns.files(folder.resolve("out")));
      assertThat(expected).hasSize(images + 2 * sampling.ranges() + 4);
      return new Runs(sampling, expected);
    }
  }

  @TempDir Path directory;
  private String name;

  @BeforeAll
  static void makeWhatIsExpected() throws Exception {
    server = new S3Server(shared.resolve("server"));
    new SampleRuns(server, 0).writeModel(shared);
    thousand = Runs.of(1000);
    few = Runs.of(320);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @BeforeEach
  void nameOutput(TestInfo test) {
    name = test.getTestMethod().orElseThrow().getName();
  }

  @Test
  void twoThreadsWriteItAndItIsReadBack(SparkSession spark) throws Exception {
    JobProcess job = thousand.sampling().job(directory);
    assertThat(run(job, "local[2]", thousand)).as(job::log).isZero();
    assertComplete(thousand);

    String folder = SampleRuns.output(name) + "/run-date=2026-11-24";
    assertThat(reader(spark).option("pathGlobFilter", "*.parquet").parquet(folder).collectAsList())
        .extracting(row -> row.<Long>getAs("id"))
        .containsExactlyInAnyOrderElementsOf(LongStream.range(0, 1000).boxed().toList());
    assertThat(reader(spark).format("binaryFile").load(folder + "/png").count()).isEqualTo(1000);

    Map<String, byte[]> objects = thousand.sampling().objects(name + "/run-date=2026-11-24");
    try (var tar =
        new TarArchiveInputStream(
            new ByteArrayInputStream(objects.get("part-000000016-000000031.tar")))) {
      assertThat(tar.getNextTarEntry().getName()).isEqualTo("000000016.png");
      assertThat(tar.readAllBytes()).isEqualTo(objects.get("png/16.png"));
    }
    var manifest = new ObjectMapper().readTree(objects.get("manifest.json"));
    assertThat(manifest.get("images").asInt()).isEqualTo(1000);
    assertThat(manifest.get("objects")).hasSize(thousand.sampling().ranges());
    for (var object : manifest.get("objects")) {
      assertThat(DigestUtils.sha256Hex(objects.get(object.get("name").asText())))
          .isEqualTo(object.get("sha256").asText());
    }
    assertThat(ImageIO.read(new ByteArrayInputStream(objects.get("contact-sheet.png"))))
        .isNotNull();
  }

  @Test
  void aRerunWritesNothingAndAnotherSeedIsRefused() throws Exception {
    JobProcess job = few.sampling().job(directory);
    assertThat(run(job, "local[2]", few)).as(job::log).isZero();
    Map<String, Instant> written = server.lastModified(SampleRuns.BUCKET, name);
    assertThat(run(job, "local[2]", few)).as(job::log).isZero();
    assertThat(job.log()).contains("nothing is left to do");

    assertThat(job.run("local[2]", arguments(few, "sample.seed=2"))).isEqualTo(4);
    assertThat(job.log()).contains("seed is 1 there and 2 now").doesNotContain("\tat ");
    assertThat(server.lastModified(SampleRuns.BUCKET, name)).isEqualTo(written);
    assertComplete(few);
  }

  @Test
  void ofRivalsThatCreateAnObjectOneDoes() throws Exception {
    var configuration = new Configuration();
    server.settings().forEach(configuration::set);
    configuration.set("fs.s3a.access.key", S3Server.KEY);
    configuration.set("fs.s3a.secret.key", S3Server.SECRET);
    Folder folder = Folder.of(SampleRuns.output(name), configuration);
    var rivals = Executors.newFixedThreadPool(8);
    try {
      var together = new CyclicBarrier(8);
      var made = new ArrayList<Future<Boolean>>();
      for (int i = 0; i < 8; i++) {
        byte[] content = {(byte) i};
        made.add(
            rivals.submit(
                () -> {
                  together.await();
                  return folder.createIfAbsent("identity.json", content);
                }));
      }
      var winners = new ArrayList<Integer>();
      for (int i = 0; i < 8; i++) {
        if (made.get(i).get()) {
          winners.add(i);
        }
      }
      assertThat(winners).hasSize(1);
      assertThat(folder.read("identity.json", 1)[0]).isEqualTo(winners.get(0).byteValue());
    } finally {
      rivals.shutdownNow();
    }
  }

  @Test
  void eachTaskMayFailOnce() throws Exception {
    JobProcess job =
        loggingEvents(
            "--conf",
            "spark.hadoop.fs.s3a.impl=" + FailingS3A.class.getName(),
            "--driver-class-path",
            Path.of("target/test-classes").toAbsolutePath().toString());
    assertThat(run(job, "local[2,2]", few)).as(job::log).isZero();
    assertThat(events().split("\"Failed\":true", -1)).hasSize(1 + few.sampling().ranges());
    assertComplete(few);
  }

  @Test
  void aSecondStartMakesOnlyWhatAKilledDriverHasNotMade() throws Exception {
    JobProcess job = few.sampling().job(directory);
    Process driver = job.start("local[2]", arguments(few));
    awaitRanges(5);
    driver.destroyForcibly().waitFor();
    long done = few.sampling().rangesDone(name);
    assertThat(few.sampling().isComplete(name)).isFalse();

    assertThat(run(job, "local[2]", few)).as(job::log).isZero();
    assertThat(SampleRuns.toMake(job.log()))
        .isEqualTo(few.sampling().images() - SampleRuns.RANGE * done);
    assertComplete(few);
  }

  @Test
  void ofTwoStartsAtOnceBothEndWell() throws Exception {
    JobProcess first = few.sampling().job(directory.resolve("first"));
    JobProcess second = few.sampling().job(directory.resolve("second"));
    Process one = first.start("local[1]", arguments(few));
    Process other = second.start("local[1]", arguments(few));
    assertThat(end(one)).as(first::log).isZero();
    assertThat(end(other)).as(second::log).isZero();
    assertThat(SampleRuns.toMake(first.log()) + SampleRuns.toMake(second.log()))
        .as("both have worked")
        .isGreaterThan(few.sampling().images());
    assertComplete(few);
  }

  @Test
  @Tag("chaos")
  void aServerMayBeAwayFor20Seconds() throws Exception {
    JobProcess job = few.sampling().job(directory);
    Process driver = job.start("local[2]", arguments(few));
    awaitRanges(5);
    server.stop();
    try {
      TimeUnit.SECONDS.sleep(20);
      assertThat(driver.isAlive()).isTrue();
    } finally {
      server.start(false);
    }
    assertThat(end(driver)).as(job::log).isZero();
    assertComplete(few);
  }

  @Test
  @Tag("chaos")
  void aServerThatStaysAwayEndsTheRunWhichTheNextStartCompletes() throws Exception {
    JobProcess job = few.sampling().job(directory, "--conf", "spark.hadoop.fs.s3a.retry.limit=3");
    Process driver = job.start("local[2]", arguments(few));
    awaitRanges(5);
    server.stop();
    try {
      assertThat(driver.waitFor(AWAY_BOUND.toSeconds(), TimeUnit.SECONDS)).as(job::log).isTrue();
    } finally {
      driver.destroyForcibly();
      server.start(false);
    }
    assertThat(driver.exitValue()).isEqualTo(3);
    assertThat(job.log())
        .contains("nothing answers at its address")
        .doesNotContain("\tat ")
        .doesNotContain(S3Server.SECRET);
    assertThat(few.sampling().isComplete(name)).isFalse();

    assertThat(run(job, "local[2]", few)).as(job::log).isZero();
    assertThat(SampleRuns.toMake(job.log())).isLessThan(few.sampling().images());
    assertComplete(few);
  }

  @Test
  @Tag("chaos")
  void trainingGoesOnFromTheBucketWhereItsDriverWasKilled() throws Exception {
    server.put(
        SampleRuns.BUCKET,
        "train.conf",
        """
        data.limit = 1024
        model { channels = [8, 16], mid-channels = [16, 8], down-sample = [true] }
        model { attention = [false], time-embedding = 16 }
        train { epochs = 4, batch-size = 16, workers = 1, validation.limit = 128 }
        """
            .getBytes(UTF_8));
    JobProcess undisturbed = training(directory.resolve("undisturbed"));
    assertThat(undisturbed.run("local[1]", trainingArguments("out"))).as(undisturbed::log).isZero();

    JobProcess job = training(directory);
    Process driver = job.start("local[1]", trainingArguments(SampleRuns.output(name)));
    await()
        .atMost(Duration.ofMinutes(3))
        .until(
            () ->
                server
                    .keys(SampleRuns.BUCKET, name)
                    .contains(name + "/checkpoints/epoch-0002/checkpoint.json"));
    driver.destroyForcibly().waitFor();
    assertThat(server.keys(SampleRuns.BUCKET, name)).doesNotContain(name + "/model/model.json");

    assertThat(job.run("local[1]", trainingArguments(SampleRuns.output(name))))
        .as(job::log)
        .isZero();
    assertThat(job.log()).contains("epoch 4/4").doesNotContain("epoch 1/4");
    assertThat(SampleRuns.digests(few.sampling().objects(name + "/model")))
        .isEqualTo(
            SampleRuns.digests(SampleRuns.files(directory.resolve("undisturbed/out/model"))));
  }

  private static JobProcess training(Path directory) throws IOException {
    return new JobProcess(
        "train.sh", Files.createDirectories(directory), server.options(), S3Server.environment());
  }

  private static List<String> trainingArguments(String output) {
    return List.of(
        "--config", "s3a://" + SampleRuns.BUCKET + "/train.conf", "train.output=" + output);
  }

  /** The same on a cluster of two executors. */
  @Nested
  @Computes(replicas = 2)
  class OnACluster {
    private static LocalCluster cluster;

    @BeforeAll
    static void startCluster() throws Exception {
      cluster = LocalCluster.in(shared.resolve("cluster"), S3Server.environment());
      cluster.start(2);
    }

    @AfterAll
    static void stopCluster() throws Exception {
      cluster.stop();
    }

    @Test
    void twoExecutorsOfWhichOneIsKilled() throws Exception {
      // Kryo, too, as many clusters have it by default.
      JobProcess job =
          thousand
              .sampling()
              .job(directory, "--conf", "spark.serializer=" + KryoSerializer.class.getName());
      Process driver = job.start(cluster.url(), arguments(thousand));
      awaitRanges(5);
      cluster.processes("executor").get(0).signal("KILL");
      assertThat(end(driver)).as(job::log).isZero();
      assertComplete(thousand);
      assertThat(job.log()).contains("Lost executor");
      assertThat(cluster.executorLogs()).noneMatch(log -> log.contains(S3Server.SECRET));
    }

    @Test
    @Tag("chaos")
    void aSlowTaskRunsTwice() throws Exception {
      JobProcess job =
          loggingEvents(
              "--conf",
              "spark.speculation=true",
              "--conf",
              "spark.speculation.multiplier=1.1",
              "--conf",
              "spark.speculation.quantile=0.1");
      Process elsewhere = cluster.startWorker("127.0.0.2");
      Process driver = job.start(cluster.url(), arguments(few));
      try {
        awaitRanges(5);
        ProcessId slow = cluster.processes("executor").get(0);
        slow.signal("STOP");
        try {
          // Its task is begun again elsewhere, when nothing else is left to do there.
          await().atMost(Duration.ofMinutes(1)).until(() -> few.sampling().isComplete(name));
        } finally {
          slow.signal("CONT");
        }
      } finally {
        elsewhere.destroy();
      }
      assertThat(end(driver)).as(job::log).isZero();
      assertThat(events()).contains("\"Speculative\":true").doesNotContain(S3Server.SECRET);
      assertComplete(few);
    }

    @Test
    void theDriverRunsOnAWorker() throws Exception {
      JobProcess job = few.sampling().job(directory, "--deploy-mode", "cluster");
      assertThat(run(job, cluster.url(), few)).as(job::log).isZero();
      await()
          .atMost(Duration.ofMinutes(3))
          .pollInterval(Duration.ofSeconds(1))
          .untilAsserted(() -> assertThat(few.sampling().isComplete(name)).isTrue());
      assertComplete(few);
    }
  }

  /** A run that tells Spark's event log what becomes of its tasks. */
  private JobProcess loggingEvents(String... options) throws IOException {
    Path folder = Files.createDirectories(directory.resolve("events"));
    var all =
        new ArrayList<>(
            List.of(
                "--conf",
                "spark.eventLog.enabled=true",
                "--conf",
                "spark.eventLog.dir=" + folder.toUri()));
    all.addAll(List.of(options));
    return few.sampling().job(directory, all.toArray(String[]::new));
  }

  private String events() throws IOException {
    try (var files = Files.list(directory.resolve("events"))) {
      return Files.readString(files.findFirst().orElseThrow());
    }
  }

  private List<String> arguments(Runs runs, String... more) {
    return runs.sampling().arguments(SampleRuns.output(name), more);
  }

  private int run(JobProcess job, String master, Runs runs) throws Exception {
    return job.run(master, arguments(runs));
  }

  private static int end(Process process) throws InterruptedException {
    try {
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return process.exitValue();
  }

  private void awaitRanges(int ranges) {
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(100))
        .until(() -> few.sampling().rangesDone(name) >= ranges);
    assertThat(few.sampling().isComplete(name))
        .as("the run is over before it was disturbed")
        .isFalse();
  }

  private void assertComplete(Runs runs) {
    // What a killed task was just writing the server shows, under a longer name, until it notices.
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(runs.sampling().keys(name))
                    .containsExactlyInAnyOrderElementsOf(runs.expected().keySet()));
    assertThat(SampleRuns.digests(runs.sampling().objects(name))).isEqualTo(runs.expected());
    assertThat(server.pendingUploads(SampleRuns.BUCKET)).isEmpty();
  }

  private static DataFrameReader reader(SparkSession spark) {
    return spark
        .read()
        .options(server.settings())
        .option("fs.s3a.access.key", S3Server.KEY)
        .option("fs.s3a.secret.key", S3Server.SECRET);
  }
}
