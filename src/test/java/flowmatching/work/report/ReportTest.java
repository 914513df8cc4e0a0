package flowmatching.work.report;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import flowmatching.CapturedLog;
import flowmatching.Computes;
import flowmatching.SparkSessionExtension;
import flowmatching.TinyNetwork;
import flowmatching.base.settings.Job;
import flowmatching.base.settings.Settings;
import flowmatching.means.data.SmallFashionMnist;
import flowmatching.means.storage.Folder;
import flowmatching.work.evaluate.Evaluation;
import flowmatching.work.train.TrainingRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page about a tiny training and its evaluation, also in a browser. */
@ExtendWith(SparkSessionExtension.class)
@Computes
class ReportTest {
  /** A name with HTML, which the page must escape. */
  private static final String NAME = "run & <b>training";

  /** The lowest contrast of a text to the page's background, by WCAG 2.2. */
  private static final String CONTRAST =
      """
      (() => {
        const light = css => {
          const c = css.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
            .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
          return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
        };
        const ground = light(getComputedStyle(document.body).backgroundColor);
        return Math.min(...[...document.querySelectorAll('h1, h2, p, dt, dd, figcaption, summary, th, td')]
          .map(e => light(getComputedStyle(e).color))
          .map(text => (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05)));
      })()""";

  /** Whether the charts are those of the dark theme. */
  private static final String DARK_CHARTS =
      "[...document.querySelectorAll('.chart img')].every(i => i.currentSrc !== i.src)";

  @TempDir static Path directory;
  @TempDir static Path fashion;
  private static Path run;

  @TempDir Path scratch;

  @BeforeAll
  static void trainAndEvaluate(SparkSession spark) throws IOException {
    SmallFashionMnist.write(fashion, 200, 200);
    run = directory.resolve(NAME);
    train(spark, settings(Job.TRAIN, run));
    Evaluation.open(spark, settings(Job.EVALUATE, run)).run();
  }

  private static void train(SparkSession spark, Settings settings) {
    try (TrainingRun training = TrainingRun.prepare(spark, settings)) {
      training.train();
    }
  }

  private static Settings settings(Job job, Path output, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "data.path=" + fashion,
                "data.limit=128",
                TinyNetwork.MODEL,
                "train.output=\"" + output + "\"",
                "train.epochs=3",
                "train.batch-size=32",
                "train.workers=1",
                "train.validation.limit=64",
                "train.preview.count=4",
                "train.preview.steps=20",
                "sample.model=\"" + output + "/model\"",
                "sample.steps=2",
                "evaluate.output=\"" + output + "\"",
                "evaluate.count=200",
                "evaluate.bootstrap=none",
                "evaluate.solvers=[\"euler:1\", \"euler:2\", \"midpoint:1\"]"));
    arguments.addAll(List.of(more));
    return Settings.read(job, LocalDate.EPOCH, List.of(), arguments);
  }

  @Test
  void aBrowserShowsThePageOnPhonesAndDesktopsInBothThemes() throws Exception {
    Optional<Path> chromium = Browser.installed();
    assumeThat(chromium).as("chromium is not installed").isPresent();
    try (Browser browser = Browser.start(chromium.orElseThrow(), scratch)) {
      for (int width : List.of(360, 1280)) {
        for (String scheme : List.of("light", "dark")) {
          browser.open(page(run), width, scheme);
          isShownWell(browser, width, scheme);
        }
      }
    }
  }

  private static void isShownWell(Browser browser, int width, String scheme) throws Exception {
    browser.evaluate("document.querySelectorAll('details').forEach(all => all.open = true)");
    Path screenshots = Files.createDirectories(Path.of("target/report-screenshots"));
    Files.write(screenshots.resolve("%d-%s.png".formatted(width, scheme)), browser.screenshot());

    assertThat(browser.events("Runtime.exceptionThrown")).isEmpty();
    assertThat(browser.events("Log.entryAdded")).isEmpty();
    assertThat(browser.events("Network.requestWillBeSent"))
        .extracting(request -> request.at("/params/request/url").asText())
        .contains(page(run).toUri().toString())
        .allMatch(url -> url.startsWith("data:") || url.equals(page(run).toUri().toString()));
    assertThat(browser.evaluate("innerWidth").asInt()).isEqualTo(width);
    assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt())
        .isLessThanOrEqualTo(width);
    assertThat(browser.evaluate("document.images.length").asInt()).isEqualTo(11);
    assertThat(
            browser
                .evaluate(
                    "[...document.images].every(i => i.complete && i.naturalWidth > 0 && i.alt)")
                .asBoolean())
        .isTrue();
    boolean dark = scheme.equals("dark");
    assertThat(browser.evaluate(DARK_CHARTS).asBoolean()).isEqualTo(dark);
    assertThat(browser.evaluate(CONTRAST).asDouble()).isGreaterThan(4.5);
    assertThat(browser.evaluate("document.querySelector('h1').textContent").asText())
        .isEqualTo("Flow matching: " + NAME);
  }

  @Test
  void showsTheFiguresOfTheRunsFiles() throws IOException {
    JsonNode evaluation = new ObjectMapper().readTree(run.resolve("evaluation.json").toFile());
    assertThat(Files.readString(page(run)))
        .contains(
            Figures.of(evaluation.get("distance").asDouble()),
            Figures.of(evaluation.get("floor").asDouble()),
            "Ankle boot",
            "midpoint:1",
            "class=\"chart\"",
            "<td>train.epochs</td><td>3</td><td>argument</td>",
            evaluation.at("/provenance/model_sha256").asText())
        .doesNotContain("another network", "<b>training");
  }

  @Test
  void saysThatTheFiguresAreOfAnotherNetwork(SparkSession spark) throws IOException {
    Path copy = copy();
    train(spark, settings(Job.TRAIN, copy, "train.epochs=4", "train.checkpoint.keep-last=1"));
    assertThat(Files.readString(page(copy))).contains("another network");
  }

  @Test
  void anEvaluationAloneHasAPage() throws IOException {
    Path copy = copy();
    Files.delete(copy.resolve("run.json"));
    write(copy);
    assertThat(Files.readString(page(copy)))
        .contains("How good they are")
        .doesNotContain("Learning", "Previews");
  }

  @Test
  void anEvaluationOfAnEarlierVersionIsShown() throws IOException {
    Path copy = copy();
    ObjectNode result =
        (ObjectNode) new ObjectMapper().readTree(copy.resolve("evaluation.json").toFile());
    assertThat(result.remove("data")).isNotNull();
    assertThat(result.withObject("/extractor").remove("data_set")).isNotNull();
    Files.writeString(copy.resolve("evaluation.json"), result.toString());
    write(copy);
    assertThat(Files.readString(page(copy))).contains("How good they are", "fashion-classifier");
  }

  @Test
  void warnsAboutDataThatTheExtractorIsNotMadeFor() throws IOException {
    assertThat(Files.readString(page(run)))
        .contains("Warning: fashion-classifier is made for Fashion-MNIST, and the images in")
        .contains("<td>data</td><td>" + Folder.of(fashion.toString(), new Configuration()));
  }

  @Test
  void aTrainingAloneHasAPage() throws IOException {
    Path copy = copy();
    Files.delete(copy.resolve("evaluation.json"));
    write(copy);
    assertThat(Files.readString(page(copy)))
        .contains("Learning", "Previews", "From noise to images", "Where the time went")
        .doesNotContain("How good they are");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "evaluation.json | { | Learning | How good they are",
        "evaluation.json | {\"distance\": 1} | Learning | How good they are",
        "evaluation.json | [] | Learning | How good they are",
        "run.json | {} | How good they are | Learning",
        "metrics.jsonl | {\"epoch\": 1} | How good they are | Learning",
        "metrics.jsonl | { | How good they are | Learning",
        "metrics.jsonl | '' | How good they are | Learning"
      })
  void ifAFileCannotBeReadItWarnsAndShowsTheRest(
      String file, String content, String shown, String absent) throws IOException {
    Path copy = copy();
    Files.writeString(copy.resolve(file), content);
    warns(copy, "leaves out " + file);
    assertThat(Files.readString(page(copy))).contains(shown).doesNotContain(absent);
  }

  @Test
  void anInfiniteNumberIsReportedAsTheFaultOfTheFile() throws IOException {
    Path copy = copy();
    Path metrics = copy.resolve("metrics.jsonl");
    String lines = Files.readString(metrics);
    Files.writeString(metrics, lines.replaceFirst("\"loss\":[^,]*", "\"loss\":1e999"));
    warns(copy, "the number at 'loss' is too large");
    assertThat(Files.readString(page(copy))).doesNotContain("Infinity");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"samples.png", "nearest.png", "previews/epoch-0002.png", "trajectory.png"})
  void ifAPictureCannotBeReadItWarnsAndShowsTheRest(String file) throws IOException {
    Path copy = copy();
    Files.writeString(copy.resolve(file), "no picture");
    warns(copy, "leaves out a picture");
    assertThat(Files.readString(page(copy))).contains("Learning", "How good they are");
  }

  private static void warns(Path folder, String what) {
    try (CapturedLog log = new CapturedLog(Report.class)) {
      write(folder);
      assertThat(log.messages()).anySatisfy(message -> assertThat(message).contains(what));
    }
  }

  @Test
  void showsSomeOfManyEpochs() throws IOException {
    Path copy = copy();
    String line = Files.readAllLines(copy.resolve("metrics.jsonl")).get(0);
    Files.write(
        copy.resolve("metrics.jsonl"),
        IntStream.rangeClosed(1, 12_000)
            .mapToObj(epoch -> line.replace("\"epoch\":1,", "\"epoch\":" + epoch + ","))
            .toList());
    Files.copy(copy.resolve("previews/epoch-0002.png"), copy.resolve("previews/epoch-12000.png"));
    write(copy);
    assertThat(Files.readString(page(copy)))
        .contains("<td>12,000</td>", "Epoch 12000")
        .hasSizeLessThan(2_000_000);
  }

  @Test
  void aLogarithmicChartLeavesOutValuesWithoutLogarithm() {
    assertThat(
            new Charts()
                .logarithmic(
                    "caption",
                    "alt",
                    "axis",
                    Map.of(
                        "exact", List.of(new Charts.Point(10, 0)),
                        "undefined", List.of(new Charts.Point(10, Double.NaN)))))
        .isEmpty();
    assertThat(
            new Charts()
                .logarithmic(
                    "caption", "alt", "axis", Map.of("one", List.of(new Charts.Point(10, 3)))))
        .hasSize(1);
  }

  /** Missing fonts are errors, too. */
  @Test
  void outOfMemoryIsNotReportedAsAMissingFont() {
    List<Double> series =
        new AbstractList<>() {
          @Override
          public Double get(int index) {
            throw new OutOfMemoryError("Java heap space");
          }

          @Override
          public int size() {
            return 3;
          }
        };
    Charts charts = new Charts();
    try (CapturedLog log = new CapturedLog(Charts.class)) {
      assertThatThrownBy(
              () ->
                  charts.byPlace(
                      Charts.Kind.LINES,
                      "caption",
                      "alt",
                      "axis",
                      List.of(1, 2, 3),
                      new Charts.Series("one", series)))
          .isInstanceOf(OutOfMemoryError.class);
      assertThat(log.messages()).isEmpty();
    }
    assertThat(
            charts.byPlace(
                Charts.Kind.LINES,
                "caption",
                "alt",
                "axis",
                List.of(1, 2),
                new Charts.Series("one", List.of(1.0, 2.0))))
        .hasSize(1);
  }

  @Test
  void withoutFontsThePageHasNoCharts() throws Exception {
    Path copy = copy();
    Path none = Files.createDirectory(scratch.resolve("none"));
    Path fonts = scratch.resolve("fonts.conf");
    Files.writeString(
        fonts, "<?xml version=\"1.0\"?><fontconfig><dir>%s</dir></fontconfig>".formatted(none));
    ProcessBuilder java =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "-Dorg.apache.logging.log4j.level=WARN",
            "-Dsun.java2d.fontpath=" + none,
            // Java caches the fonts that it finds there.
            "-Duser.home=" + none,
            "-cp",
            System.getProperty("java.class.path"),
            WritesReport.class.getName(),
            copy.toString());
    java.environment().put("FONTCONFIG_FILE", fonts.toString());
    Path output = scratch.resolve("output.txt");
    Process process = java.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    try {
      assertThat(process.waitFor(120, SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    assertThat(Files.readString(output)).contains("fonts-dejavu-core");
    assertThat(Files.readString(page(copy)))
        .contains("class=\"sheet\"")
        .doesNotContain("class=\"chart\"");
  }

  /** The main class of a separate process. */
  static final class WritesReport {
    private WritesReport() {}

    public static void main(String[] arguments) {
      write(Path.of(arguments[0]));
    }
  }

  private static void write(Path folder) {
    Report.write(Folder.of(folder.toString(), new Configuration()));
  }

  private static Path page(Path folder) {
    return folder.resolve("report/index.html");
  }

  private Path copy() throws IOException {
    Path copy = scratch.resolve("copy");
    try (var files = Files.walk(run)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(run.relativize(file).toString()));
      }
    }
    return copy;
  }
}
