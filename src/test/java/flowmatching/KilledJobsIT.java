package flowmatching;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Jobs that are killed at ten random moments each, on a local folder and on S3: the same command
 * then ends as a run that was left alone. {@code mvn verify -Pchaos}.
 */
@Tag("chaos")
@Computes
class KilledJobsIT {
  private static final int KILLS = 10;
  private static final int EPOCHS = 6;
  private static final int IMAGES = 160;
  private static final Pattern REPORTED = Pattern.compile("epoch (\\d+)/\\d+: ");

  @TempDir static Path shared;
  private static S3Server server;
  private static SampleRuns sampling;

  @TempDir Path directory;

  @BeforeAll
  static void startServer() throws Exception {
    server = new S3Server(shared.resolve("server"));
    sampling = new SampleRuns(server, IMAGES);
    sampling.writeModel(shared);
  }

  @AfterAll
  static void stopServer() throws Exception {
    server.close();
  }

  @Test
  void trainingInALocalFolderLosesNoCheckpoint() throws Exception {
    killTrainings(this::localFolder);
  }

  @Test
  void trainingOnS3LosesNoCheckpoint() throws Exception {
    killTrainings(KilledJobsIT::bucketFolder);
  }

  @Test
  void samplingIntoALocalFolderIsCompleted() throws Exception {
    killSamplings(this::localFolder);
  }

  @Test
  void samplingToS3IsCompleted() throws Exception {
    killSamplings(KilledJobsIT::bucketFolder);
    assertThat(server.pendingUploads(SampleRuns.BUCKET)).isEmpty();
  }

  /** Where a run writes, and what it has left there. */
  private record Place(String output, Contents contents) {
    private interface Contents {
      Map<String, byte[]> read() throws IOException;
    }
  }

  private interface Places {
    Place named(String name);
  }

  private Place localFolder(String name) {
    Path folder = directory.resolve(name);
    // A job that is killed early has not made it.
    return new Place(
        name, () -> Files.exists(folder) ? visible(SampleRuns.files(folder)) : Map.of());
  }

  private static Place bucketFolder(String name) {
    String folder = name + "-" + System.nanoTime();
    return new Place(
        SampleRuns.output(folder), () -> visible(server.objects(SampleRuns.BUCKET, folder + "/")));
  }

  /** Without what killed writers left, which has names that nobody reads. */
  private static Map<String, byte[]> visible(Map<String, byte[]> files) {
    var visible = new TreeMap<>(files);
    visible.keySet().removeIf(name -> name.startsWith(".") || name.contains("/."));
    return visible;
  }

  private interface Arguments {
    List<String> to(String output);
  }

  private void killTrainings(Places places) throws Exception {
    JobProcess job =
        new JobProcess("train.sh", directory, server.options(), S3Server.environment());
    var whole = places.named("whole");
    long wholeMs = run(job, KilledJobsIT::training, whole);
    Map<String, String> expected = lasting(whole);
    assertThat(expected).containsKey("model/model.safetensors").hasSize(4 * EPOCHS + 2);
    var random = random();
    for (int kill = 1; kill <= KILLS; kill++) {
      var place = places.named("kill-" + kill);
      kill(job, KilledJobsIT::training, place, random.nextLong(wholeMs));
      int reported = reported(job.log());
      Map<String, String> left = lasting(place);
      System.out.printf("kill %d: %d epochs were reported%n", kill, reported);
      // An epoch that was reported has its checkpoint; one that has its marker is whole.
      for (int epoch = 1; epoch <= EPOCHS; epoch++) {
        String folder = "checkpoints/epoch-%04d/".formatted(epoch);
        boolean isWhole = left.containsKey(folder + "checkpoint.json");
        assertThat(isWhole || epoch > reported).as("epoch %d", epoch).isTrue();
        if (isWhole) {
          assertThat(startingWith(folder, left)).isEqualTo(startingWith(folder, expected));
        }
      }
      run(job, KilledJobsIT::training, place);
      assertThat(lasting(place)).isEqualTo(expected);
      assertThat(epochs(place))
          .containsExactlyElementsOf(IntStream.rangeClosed(1, EPOCHS).boxed().toList());
      assertThat(place.contents().read()).doesNotContainKey("_lease.json");
    }
  }

  private void killSamplings(Places places) throws Exception {
    JobProcess job = sampling.job(directory);
    Arguments arguments = output -> sampling.arguments(output);
    var whole = places.named("whole");
    long wholeMs = run(job, arguments, whole);
    Map<String, String> expected = SampleRuns.digests(whole.contents().read());
    var random = random();
    for (int kill = 1; kill <= KILLS; kill++) {
      var place = places.named("kill-" + kill);
      kill(job, arguments, place, random.nextLong(wholeMs));
      System.out.printf("kill %d: %d files were there%n", kill, place.contents().read().size());
      run(job, arguments, place);
      assertThat(SampleRuns.digests(place.contents().read())).isEqualTo(expected);
    }
  }

  private static List<String> training(String output) {
    return List.of(
        "data.limit=256",
        TinyNetwork.MODEL,
        "train.epochs=" + EPOCHS,
        "train.batch-size=16",
        "train.checkpoint.keep-last=" + EPOCHS,
        "train.validation.limit=64",
        "train.preview.count=4",
        "train.preview.steps=2",
        "train.output=" + output);
  }

  /** Runs to the end and returns how long it took, in milliseconds. */
  private static long run(JobProcess job, Arguments arguments, Place place) throws Exception {
    long start = System.nanoTime();
    assertThat(job.run("local[1]", arguments.to(place.output()))).as(job::log).isZero();
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
  }

  private static void kill(JobProcess job, Arguments arguments, Place place, long afterMs)
      throws Exception {
    Process driver = job.start("local[1]", arguments.to(place.output()));
    driver.waitFor(afterMs, TimeUnit.MILLISECONDS);
    driver.destroyForcibly();
    await().atMost(Duration.ofSeconds(30)).until(() -> !driver.isAlive());
  }

  private static Random random() {
    long seed = System.nanoTime();
    System.out.printf("jobs are killed at moments of the seed %d%n", seed);
    return new Random(seed);
  }

  private static int reported(String log) {
    return REPORTED
        .matcher(log)
        .results()
        .mapToInt(found -> Integer.parseInt(found.group(1)))
        .max()
        .orElse(0);
  }

  /** The files of checkpoints and of the model, which no clock has a part in. */
  private static Map<String, String> lasting(Place place) throws IOException {
    var files = new TreeMap<>(place.contents().read());
    files.keySet().removeIf(name -> !name.startsWith("checkpoints/") && !name.startsWith("model/"));
    return SampleRuns.digests(files);
  }

  private static Map<String, String> startingWith(String prefix, Map<String, String> files) {
    var found = new TreeMap<>(files);
    found.keySet().removeIf(name -> !name.startsWith(prefix));
    return found;
  }

  private static List<Integer> epochs(Place place) throws IOException {
    var reader = new ObjectMapper();
    var epochs = new ArrayList<Integer>();
    for (String line :
        new String(place.contents().read().get("metrics.jsonl"), UTF_8).lines().toList()) {
      epochs.add(reader.readTree(line).get("epoch").asInt());
    }
    return epochs;
  }
}
