package flowmatching;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * submit/quickstart.sh on a machine that has what each test gives it: a PATH of its own with
 * stand-ins for Maven, apt-get and the user's id, a Spark home that prints, and a local site.
 */
class QuickstartTest {
  private static final String INSTALLED = "/usr/share/datasets/fashion-mnist";
  private static final List<String> FILES =
      List.of(
          "train-images-idx3-ubyte.gz",
          "train-labels-idx1-ubyte.gz",
          "t10k-images-idx3-ubyte.gz",
          "t10k-labels-idx1-ubyte.gz");
  private static final List<String> TOOLS =
      List.of(
          "bash",
          "cat",
          "chmod",
          "date",
          "dirname",
          "env",
          "find",
          "gzip",
          "mkdir",
          "mktemp",
          "mv",
          "readlink",
          "rm",
          "sed",
          "sha256sum",
          "sleep",
          "touch");
  private static final Pattern DIGEST = Pattern.compile("\\[(\\S+)]=([0-9a-f]{64})");
  private static final String PIXELS = "pixels";

  @TempDir Path directory;
  private SubmitProject scripts;
  private Path project;
  private Path bin;
  private Path installed;
  private Path downloaded;
  private HttpServer server;
  private final List<String> requests = new CopyOnWriteArrayList<>();

  @BeforeEach
  void makeMachine() throws Exception {
    scripts = SubmitProject.in(directory);
    project = scripts.project();
    Files.createFile(project.resolve("pom.xml"));
    Files.createDirectories(project.resolve("src/main"));
    age(project.resolve("pom.xml"), 200);
    age(project.resolve("src/main"), 200);
    age(scripts.jar(), 100);
    installed = directory.resolve("datasets/fashion-mnist");
    downloaded = directory.resolve("cache/fashion-mnist");
    var quickstart = project.resolve("submit/quickstart.sh");
    var text = Files.readString(quickstart);
    assertThat(text).contains("installed=" + INSTALLED);
    Files.writeString(
        quickstart,
        DIGEST
            .matcher(text.replace(INSTALLED, installed.toString()))
            .replaceAll("[$1]=" + sha256(PIXELS.getBytes(UTF_8))));

    bin = Files.createDirectories(directory.resolve("bin"));
    for (var tool : TOOLS) {
      link(tool);
    }
    SubmitProject.script(bin.resolve("id"), "echo 1000\n");
    SubmitProject.script(bin.resolve("mvn"), "echo built \"$@\"; touch target/flow-matching.jar\n");

    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
  }

  @AfterEach
  void stopServer() {
    server.stop(0);
  }

  @Test
  void trainsAndSamplesTheImagesThatAreThereAndSaysWhereTheResultsAre() throws Exception {
    install();

    var lines = quickstart("sample.run-date=2026-11-24", "train.epochs=2").lines();

    var settings =
        List.of(
            "--config",
            project + "/conf/quickstart.conf",
            "data.path=" + installed,
            "train.output=" + project + "/runs/quickstart",
            "sample.output=" + project + "/runs/samples",
            "sample.run-date=2026-11-24",
            "train.epochs=2");
    assertThat(lines).containsSequence("TrainJob", scripts.jar().toString());
    assertThat(lines).containsSequence("SampleJob", scripts.jar().toString());
    assertThat(lines).containsSubsequence(settings).doesNotContain("built");
    assertThat(lines.subList(lines.size() - 3, lines.size()))
        .containsExactly(
            "model: " + project + "/runs/quickstart/model",
            "contact-sheet: " + project + "/runs/samples/run-date=2026-11-24/contact-sheet.png",
            lines.get(lines.size() - 1));
  }

  @Test
  void theNextCommandCanBePasted() throws Exception {
    install();
    var lines = quickstart().lines();
    var next = lines.get(lines.size() - 1);
    assertThat(next).startsWith("next: ");

    SubmitProject.script(
        project.resolve("submit/pasted.sh"), next.substring("next: ".length()) + "\n");

    assertThat(scripts.run("pasted.sh", Map.of()).lines())
        .containsSequence(
            "SampleJob",
            scripts.jar().toString(),
            "--config",
            project + "/conf/quickstart.conf",
            "sample.model=" + project + "/runs/quickstart/model");
  }

  @Test
  void missingDataIsASentenceWithBothCommands() throws Exception {
    var ended = quickstart();

    assertThat(ended.exitCode()).isEqualTo(3);
    assertThat(ended.output())
        .isEqualTo(
            """
            Fashion-MNIST is not on this machine. Get it with one of
              as root on Debian:  apt-get update && apt-get install -y dataset-fashion-mnist
              as anyone:          %s/submit/quickstart.sh --download
            """
                .formatted(project));
  }

  @Test
  void rootOnDebianGetsDebiansPackage() throws Exception {
    SubmitProject.script(bin.resolve("id"), "echo 0\n");
    SubmitProject.script(
        bin.resolve("apt-get"),
        "echo apt-get \"$@\"; mkdir -p '%1$s'; touch '%1$s'/{%2$s}\n"
            .formatted(installed, String.join(",", FILES)));

    var ended = quickstart();

    assertThat(ended.exitCode()).isZero();
    assertThat(ended.lines())
        .containsSequence("apt-get update", "apt-get install -y dataset-fashion-mnist")
        .contains("data.path=" + installed);
  }

  @Test
  void aPackageThatCannotBeInstalledIsASentence() throws Exception {
    SubmitProject.script(bin.resolve("id"), "echo 0\n");
    SubmitProject.script(bin.resolve("apt-get"), "echo no network >&2; exit 100\n");

    var ended = quickstart();

    assertThat(ended.exitCode()).isEqualTo(3);
    assertThat(ended.lines()).contains("no network").last().asString().contains("--download");
  }

  @ParameterizedTest
  @MethodSource("downloaders")
  void downloadsTheFourFilesOnce(String downloader) throws Exception {
    useDownloader(downloader);
    var content = zipped(PIXELS);
    serve(content, content.length);

    assertThat(quickstart("--download").exitCode()).isZero();
    var again = quickstart("--download");

    assertThat(again.exitCode()).isZero();
    assertThat(again.lines()).contains("data.path=" + downloaded);
    assertThat(requests).containsExactlyElementsOf(FILES.stream().map(f -> "/" + f).toList());
    for (var file : FILES) {
      assertThat(downloaded.resolve(file)).hasBinaryContent(content);
    }
    assertThat(listing(downloaded.getParent())).containsExactly("fashion-mnist");
  }

  @ParameterizedTest
  @MethodSource("downloaders")
  void aDownloadThatBreaksOffLeavesNothing(String downloader) throws Exception {
    useDownloader(downloader);
    var content = zipped(PIXELS);
    serve(content, content.length + 1000);

    assertNothingIsKept(quickstart("--download"));
  }

  @ParameterizedTest
  @MethodSource("downloaders")
  void aSiteWithoutTheFilesLeavesNothing(String downloader) throws Exception {
    useDownloader(downloader);

    assertNothingIsKept(quickstart("--download"));
  }

  @Test
  void aFileThatIsNoGzipLeavesNothing() throws Exception {
    useDownloader(downloaders().findFirst().orElseThrow());
    var content = "<html>Please log in</html>".getBytes(UTF_8);
    serve(content, content.length);

    assertNothingIsKept(quickstart("--download"));
  }

  @Test
  void otherImagesThanFashionMnistLeaveNothing() throws Exception {
    useDownloader(downloaders().findFirst().orElseThrow());
    var content = zipped("digits");
    serve(content, content.length);

    var ended = quickstart("--download");

    assertThat(ended.exitCode()).isEqualTo(3);
    assertThat(ended.lines())
        .last()
        .asString()
        .contains(FILES.get(0) + " is not Fashion-MNIST's, by its SHA-256, and nothing was kept");
    assertThat(listing(downloaded.getParent())).isEmpty();
  }

  @Test
  void theDigestsAreThoseOfFashionMnist() throws Exception {
    var digests = new HashMap<String, String>();
    DIGEST
        .matcher(Files.readString(Path.of("submit/quickstart.sh")))
        .results()
        .forEach(found -> digests.put(found.group(1) + ".gz", found.group(2)));

    assertThat(digests).containsOnlyKeys(FILES);
    for (var file : FILES) {
      try (var images = new GZIPInputStream(Files.newInputStream(Path.of(INSTALLED, file)))) {
        assertThat(digests.get(file)).as(file).isEqualTo(sha256(images.readAllBytes()));
      }
    }
  }

  @Test
  void aFolderThatCannotBeWrittenToIsASentence() throws Exception {
    useDownloader(downloaders().findFirst().orElseThrow());
    Files.createFile(downloaded.getParent());

    var ended = quickstart("--download");

    assertThat(ended.exitCode()).isEqualTo(3);
    assertThat(ended.lines())
        .last()
        .asString()
        .startsWith("The images cannot be written to " + downloaded + ": set XDG_CACHE_HOME");
  }

  @Test
  void withoutAHomeInTheEnvironmentItIsTheUsers() throws Exception {
    install();
    // What unsets variables, since a process is given none more than it is told.
    SubmitProject.script(
        project.resolve("submit/homeless.sh"),
        "unset HOME XDG_CACHE_HOME; exec \"${0%/*}/quickstart.sh\" \"$@\"\n");

    assertThat(scripts.run("homeless.sh", Map.of("PATH", bin.toString())).exitCode()).isZero();
  }

  @Test
  void aSignalEndsWhatItHasStarted() throws Exception {
    install();
    Files.writeString(project.resolve("pom.xml"), "new");
    Path started = directory.resolve("started");
    SubmitProject.script(bin.resolve("mvn"), "echo $$ >'" + started + "'; exec sleep 600\n");

    assertEndsWith(started);

    assertThat(scripts.jar()).doesNotExist();
  }

  @Test
  void aSignalEndsItsJob() throws Exception {
    install();
    Path started = directory.resolve("started");
    SubmitProject.script(
        project.resolve("target/spark/bin/spark-submit"),
        "echo $$ >'" + started + "'; exec sleep 600\n");

    assertEndsWith(started);
  }

  @Test
  void aFolderWithOnlySomeFilesIsNotTakenForTheDataSet() throws Exception {
    Files.createDirectories(downloaded);
    Files.createFile(downloaded.resolve(FILES.get(0)));

    var ended = quickstart("--download");

    assertThat(ended.exitCode()).isEqualTo(3);
    assertThat(ended.output()).startsWith(downloaded + " is there, but not all").hasLineCount(1);
  }

  @Test
  void aMissingMavenIsASentence() throws Exception {
    Files.delete(bin.resolve("mvn"));

    var ended = quickstart();

    assertThat(ended.exitCode()).isEqualTo(3);
    assertThat(ended.output()).startsWith("No Maven was found").hasLineCount(1);
  }

  @Test
  void aJavaWithoutCompilerIsASentence() throws Exception {
    SubmitProject.script(
        directory.resolve("jre/bin/java"), "echo 'openjdk version \"17.0.9\"' >&2\n");

    var ended = quickstart(Map.of("JAVA_HOME", directory.resolve("jre").toString()));

    assertThat(ended.exitCode()).isEqualTo(3);
    assertThat(ended.output()).startsWith("There is a Java 17 but no compiler").hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pom.xml", "src/main/new.txt"})
  void sourcesNewerThanTheJarAreBuilt(String source) throws Exception {
    install();
    Files.writeString(project.resolve(source), "new");

    assertThat(quickstart().output()).contains("Building").doesNotContain("built");

    assertThat(Files.getLastModifiedTime(scripts.jar()))
        .isGreaterThanOrEqualTo(Files.getLastModifiedTime(project.resolve(source)));
    assertThat(quickstart().output()).doesNotContain("Building");
  }

  @Test
  void aFailedBuildShowsItsOutputAndLeavesNoJar() throws Exception {
    install();
    Files.writeString(project.resolve("pom.xml"), "new");
    SubmitProject.script(
        bin.resolve("mvn"), "echo 'cannot compile'; touch target/flow-matching.jar; exit 1\n");

    var ended = quickstart();

    assertThat(ended.exitCode()).isEqualTo(3);
    assertThat(ended.lines())
        .containsSequence(
            "cannot compile", "The build failed, see above: fix that, and run this again.");
    assertThat(scripts.jar()).doesNotExist();
  }

  @Test
  void aFailedJobEndsItWithTheJobsExitCode() throws Exception {
    install();
    SubmitProject.script(
        project.resolve("target/spark/bin/spark-submit"), "echo 'no such thing'; exit 4\n");

    assertThat(quickstart()).isEqualTo(new SubmitProject.Ended(4, "no such thing\n"));
  }

  @Test
  void anArgumentThatIsNoSettingIsRefused() throws Exception {
    assertThat(quickstart("--downlaod").exitCode()).isEqualTo(2);
    assertThat(quickstart("--help").output()).contains("--download");
  }

  /** The downloaders that this machine has; Java's stands in where there is none of the others. */
  static Stream<String> downloaders() {
    return Stream.of("curl", "wget", "jshell")
        .filter(tool -> tool.equals("jshell") || Files.isExecutable(Path.of("/usr/bin", tool)));
  }

  private void useDownloader(String tool) throws IOException {
    if (!tool.equals("jshell")) {
      link(tool);
    }
  }

  /** Not a symbolic link, of whose removal JUnit would warn. */
  private void link(String tool) throws IOException {
    var found =
        Stream.of("/usr/bin", "/bin").map(folder -> Path.of(folder, tool)).filter(Files::exists);
    var file = bin.resolve(tool);
    Files.writeString(
        file, "#!/bin/sh\nexec %s \"$@\"\n".formatted(found.findFirst().orElseThrow()));
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private void install() throws IOException {
    Files.createDirectories(installed);
    for (var file : FILES) {
      Files.createFile(installed.resolve(file));
    }
  }

  /** Answers every request with the content, and says that it has {@code length} bytes. */
  private void serve(byte[] content, int length) {
    server.createContext(
        "/",
        exchange -> {
          requests.add(exchange.getRequestURI().getPath());
          exchange.sendResponseHeaders(200, length);
          // Where there is less content than announced, this closes the connection.
          try (exchange) {
            exchange.getResponseBody().write(content);
          }
        });
  }

  private void assertNothingIsKept(SubmitProject.Ended ended) throws IOException {
    assertThat(ended.exitCode()).isEqualTo(3);
    assertThat(ended.lines())
        .last()
        .asString()
        .contains(FILES.get(0) + " could not be downloaded whole, and nothing was kept");
    assertThat(listing(downloaded.getParent())).isEmpty();
  }

  /** Starts the script, and ends it when the file holds the id of what it has started. */
  private void assertEndsWith(Path started) throws IOException, InterruptedException {
    var process = scripts.start(project.resolve("submit/quickstart.sh"), environment(Map.of()));
    try {
      while (process.isAlive() && !(Files.exists(started) && Files.size(started) > 1)) {
        Thread.sleep(50);
      }
      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).isEqualTo(128 + 15);
    assertThat(new ProcessId(Long.parseLong(Files.readString(started).strip())).runs()).isFalse();
  }

  private SubmitProject.Ended quickstart(String... arguments)
      throws IOException, InterruptedException {
    return quickstart(Map.of(), arguments);
  }

  private SubmitProject.Ended quickstart(Map<String, String> more, String... arguments)
      throws IOException, InterruptedException {
    return scripts.run("quickstart.sh", environment(more), arguments);
  }

  private Map<String, String> environment(Map<String, String> more) {
    var environment =
        new HashMap<>(
            Map.of(
                "PATH",
                bin.toString(),
                "XDG_CACHE_HOME",
                downloaded.getParent().toString(),
                "FASHION_MNIST_URL",
                "http://127.0.0.1:" + server.getAddress().getPort()));
    environment.putAll(more);
    return environment;
  }

  private static void age(Path file, int seconds) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(seconds)));
  }

  private static String sha256(byte[] content) throws NoSuchAlgorithmException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }

  private static byte[] zipped(String content) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content.getBytes(UTF_8));
    }
    return bytes.toByteArray();
  }

  private static List<String> listing(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
