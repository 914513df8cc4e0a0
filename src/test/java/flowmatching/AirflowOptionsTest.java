package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the DAG for Airflow makes of Spark's properties files. */
class AirflowOptionsTest {
  private static final Path PYTHON = Path.of("/usr/bin/python3");

  @TempDir Path home;

  private record Ended(int exitCode, String output) {}

  @Test
  void theFilesOfTheProjectAreReadAsSparkReadsThem() throws Exception {
    sameAsSpark(Files.readString(Path.of("conf/sample.properties")));
  }

  @Test
  void allFormsOfAnOptionAreRead() throws Exception {
    sameAsSpark(
        """
        # A comment, and no line that goes on: \\
        spark.a 1
          spark.b 2
        \tspark.c = 3
        spark.d: 4
        spark.e=a  b=c:d
        ! Another comment
        spark.f -x \\
            -y\\
          -z
        spark.g \\
          1
        """);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sparc.b 2", "spark.b", "spark.b =", "spark.b a\\tb", "executor.cores=2"})
  void anyOtherLineIsRefused(String line) throws Exception {
    Ended ended = dag("spark.a 1\n\n" + line + "\n");

    assertThat(ended.exitCode()).isEqualTo(1);
    assertThat(ended.output())
        .contains("sample.properties, line 3 is '" + line.replace("\\", "\\\\") + "'")
        .contains("it must be an option and its value, such as 'spark.executor.cores 2'");
  }

  private void sameAsSpark(String text) throws Exception {
    var properties = new Properties();
    properties.load(new StringReader(text));
    Ended ended = dag(text);
    assertThat(ended.exitCode()).as(ended.output()).isZero();

    List<String> command = List.of(ended.output().split("\0"));
    Map<String, String> options = new TreeMap<>();
    for (int i = 1; i < command.size(); i++) {
      if (command.get(i - 1).equals("--conf")) {
        String[] option = command.get(i).split("=", 2);
        options.put(option[0], option[1]);
      }
    }
    assertThat(options).isNotEmpty().isEqualTo(properties);
  }

  /** The DAG's command, or what it fails with, with this text for its first file. */
  private Ended dag(String text) throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(PYTHON), "This test needs " + PYTHON + ".");
    Path conf = Files.createDirectories(home.resolve("conf"));
    Files.writeString(conf.resolve("sample.properties"), text);
    Files.writeString(conf.resolve("object-storage.properties"), "# none\n");
    Path output = home.resolve("output.txt");
    var builder =
        new ProcessBuilder(
            PYTHON.toString(),
            "src/test/resources/schedule/airflow_command.py",
            "submit/schedule/airflow_dag.py",
            "2026-11-25T02:15");
    builder.environment().put("FLOW_MATCHING_HOME", home.toString());
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readString(output));
  }
}
