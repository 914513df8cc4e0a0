package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import flowmatching.base.settings.Job;
import flowmatching.base.settings.Settings;
import flowmatching.base.settings.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** submit/schedule/kubernetes.yaml beside the fields that the Spark operator has published. */
class KubernetesScheduleTest {
  private static JsonNode types;
  private static JsonNode schedule;

  @BeforeAll
  static void read() throws IOException {
    types =
        new ObjectMapper()
            .readTree(Path.of("src/test/resources/schedule/spark-operator-fields.json").toFile());
    schedule = new YAMLMapper().readTree(Path.of("submit/schedule/kubernetes.yaml").toFile());
  }

  @Test
  void itsFieldsAreTheOperatorsWithTheirTypes() {
    assertThat(schedule.get("apiVersion").asText()).isEqualTo("sparkoperator.k8s.io/v1beta2");
    assertThat(schedule.get("kind").asText()).isEqualTo("ScheduledSparkApplication");
    assertThat(wrong(schedule.get("spec"), "ScheduledSparkApplicationSpec", "spec")).isEmpty();
  }

  @Test
  void theFieldsThatTheOperatorRequiresAreThere() {
    JsonNode spec = schedule.get("spec");
    assertThat(spec.fieldNames()).toIterable().contains("schedule", "template");
    assertThat(spec.get("template").fieldNames())
        .toIterable()
        .contains("type", "sparkVersion", "driver", "executor");
  }

  @Test
  void whatIsNoFieldOrOfAnotherTypeIsFound() throws IOException {
    var spec =
        new ObjectMapper()
            .readTree(
                "{\"schedule\": 5, \"suspended\": true, \"template\": {\"arguments\": [\"a\", 1]}}");
    assertThat(wrong(spec, "ScheduledSparkApplicationSpec", "spec"))
        .containsExactlyInAnyOrder("spec.schedule", "spec.suspended", "spec.template.arguments");
  }

  @Test
  void itsSparkOptionsAreThoseOfThePropertiesFile() throws IOException {
    JsonNode options = schedule.at("/spec/template/sparkConf");
    Properties file = properties("sample");
    for (String name :
        List.of(
            "spark.driver.extraJavaOptions",
            "spark.executor.extraJavaOptions",
            "spark.ui.showConsoleProgress")) {
      assertThat(file.getProperty(name))
          .startsWith(options.get(name).asText().replaceFirst(" -Dlog4j2.*", ""));
    }
    for (String process : List.of("driver", "executor")) {
      JsonNode pod = schedule.at("/spec/template/" + process);
      assertThat(pod.get("memory").asText())
          .isEqualTo(file.getProperty("spark." + process + ".memory"));
      assertThat(pod.get("memoryOverhead").asText())
          .isEqualTo(file.getProperty("spark.executor.memoryOverhead"));
    }
    Properties storage = properties("object-storage");
    JsonNode hadoop = schedule.at("/spec/template/hadoopConf");
    assertThat(hadoop).hasSize(storage.size());
    storage.forEach(
        (name, value) ->
            assertThat(hadoop.get(name.toString().replace("spark.hadoop.", "")).asText())
                .isEqualTo(value));
  }

  @Test
  void eachDateHasASeedOfItsOwnUnlessTheUserSetsOne() throws IOException {
    String own = "sample { model = m, output = o }";
    assertThat(seed(LocalDate.of(2026, 11, 24), own)).isEqualTo(20_261_124);
    assertThat(seed(LocalDate.of(2026, 11, 25), own)).isEqualTo(20_261_125);
    assertThat(seed(LocalDate.of(2026, 11, 25), own + ", sample.seed = 7")).isEqualTo(7);
  }

  /** That of the driver's arguments, where the file on the store is the user's. */
  private static long seed(LocalDate today, String own) throws IOException {
    var files = new ArrayList<Source>();
    for (JsonNode argument : schedule.at("/spec/template/arguments")) {
      String file = argument.asText();
      if (file.startsWith("s3a:")) {
        files.add(new Source(file, own));
      } else if (!file.equals("--config")) {
        Path inProject = Path.of(file.replace("/opt/flow-matching/", ""));
        files.add(new Source(file, Files.readString(inProject)));
      }
    }
    assertThat(files).hasSize(2);
    return Settings.read(Job.SAMPLE, today, files, List.of()).sample().seed();
  }

  private static Properties properties(String name) throws IOException {
    var properties = new Properties();
    try (var reader = Files.newBufferedReader(Path.of("conf", name + ".properties"))) {
      properties.load(reader);
    }
    return properties;
  }

  @Test
  void theImageHoldsWhatTheScheduleStarts() throws IOException {
    String dockerfile = Files.readString(Path.of("submit/schedule/Dockerfile"));
    String jar = schedule.at("/spec/template/mainApplicationFile").asText();
    assertThat(dockerfile).contains(" " + jar.replace("local://", "") + "\n");
  }

  /** The paths of fields that are not as the type says. */
  private static List<String> wrong(JsonNode value, String type, String path) {
    var wrong = new ArrayList<String>();
    value
        .fields()
        .forEachRemaining(
            field -> {
              String of = path + "." + field.getKey();
              JsonNode expected = types.get(type).get(field.getKey());
              if (expected == null) {
                wrong.add(of);
              } else if (types.has(expected.asText())) {
                wrong.addAll(wrong(field.getValue(), expected.asText(), of));
              } else if (!matches(field.getValue(), expected.asText())) {
                wrong.add(of);
              }
            });
    return wrong;
  }

  private static boolean matches(JsonNode value, String type) {
    return switch (type) {
      case "string" -> value.isTextual();
      case "integer" -> value.isInt();
      case "boolean" -> value.isBoolean();
      case "[string]" -> value.isArray() && all(value, "string");
      case "{string}" -> value.isObject() && all(value, "string");
      default ->
          type.startsWith("[")
              ? value.isArray() && all(value, type.substring(1, type.length() - 1))
              : List.of(type.split("\\|", -1)).contains(value.asText());
    };
  }

  private static boolean all(JsonNode values, String type) {
    for (JsonNode value : values) {
      if (types.has(type) ? !wrong(value, type, "").isEmpty() : !matches(value, type)) {
        return false;
      }
    }
    return true;
  }
}
