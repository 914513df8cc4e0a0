package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.spark.util.Utils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the scripts of submit/ hand to spark-submit: a project with spaces in its path, whose Spark
 * home only prints what it was called with.
 */
class SubmitScriptsTest {
  @TempDir Path directory;
  private SubmitProject scripts;
  private Path project;
  private Path jar;

  @BeforeEach
  void makeProject() throws IOException {
    scripts = SubmitProject.in(directory);
    project = scripts.project();
    jar = scripts.jar();
    Files.writeString(
        project.resolve("conf/object-storage.properties"), "# a comment\nspark.hadoop.x  y z\n");
  }

  @Test
  void argumentsGoToTheApplicationAndTheOptionsOfTheJobAreFilledIn() throws Exception {
    var ended = scripts.run("train.sh", Map.of(), "--config", "my run.conf", "train.epochs=1");

    assertThat(ended.exitCode()).isZero();
    assertThat(ended.lines())
        .containsExactly(
            "folder " + directory.toRealPath(),
            "address 127.0.0.1",
            "options \"-Dlog4j2.configurationFile=" + project + "/conf/log4j2.properties\" ",
            "--master",
            "local[*]",
            "--properties-file",
            project + "/conf/train.properties",
            "--conf",
            "spark.hadoop.x=y z",
            "--class",
            "TrainJob",
            jar.toString(),
            "--config",
            "my run.conf",
            "train.epochs=1");
  }

  @Test
  void whatStandsBeforeTwoDashesGoesToSparkSubmitAfterTheDefaults() throws Exception {
    var lines =
        scripts
            .run("sample.sh", Map.of(), "--conf", "a=b c", "--name", "x", "--", "sample.count=1")
            .lines();

    assertThat(lines.subList(lines.indexOf("--properties-file"), lines.size()))
        .containsExactly(
            "--properties-file",
            project + "/conf/sample.properties",
            "--conf",
            "spark.hadoop.x=y z",
            "--conf",
            "a=b c",
            "--name",
            "x",
            "--class",
            "SampleJob",
            jar.toString(),
            "sample.count=1");
  }

  @Test
  void aPropertiesFileThatIsGivenReplacesBoth() throws Exception {
    for (var options :
        List.of(List.of("--properties-file", "my"), List.of("--properties-file=my"))) {
      var arguments = new ArrayList<>(options);
      arguments.add("--");
      assertThat(scripts.run("train.sh", Map.of(), arguments.toArray(String[]::new)).lines())
          .containsSequence(options)
          .doesNotContain("spark.hadoop.x=y z");
    }
  }

  @Test
  void aValueKeepsWhatItEndsWith() throws Exception {
    Files.writeString(
        project.resolve("conf/object-storage.properties"), "spark.hadoop.key=a=b=\n  spark.x\ty");
    assertThat(scripts.run("train.sh", Map.of()).lines())
        .containsSequence("--conf", "spark.hadoop.key=a=b=", "--conf", "spark.x=y");
  }

  @Test
  void aPropertiesFileIsReadAsSparkSubmitReadsIt() throws Exception {
    var text =
        """
        ! a comment
          # another with a \\
        spark.a: 1
        spark.b : 2
        spark.c = = 3
        spark.d:e:f
        spark.e\t s3a://bucket/x \r
        \f
        """;
    Files.writeString(project.resolve("conf/object-storage.properties"), text);
    var properties = new Properties();
    properties.load(new StringReader(text));

    var lines = scripts.run("train.sh", Map.of()).lines();

    assertThat(properties).hasSize(5);
    for (var name : properties.stringPropertyNames()) {
      // Spark takes the spaces away.
      assertThat(lines)
          .containsSequence("--conf", name + "=" + properties.getProperty(name).strip());
    }
    assertThat(lines.stream().filter("--conf"::equals)).hasSize(5);
  }

  @Test
  void aLineOfAPropertiesFileThatHasNoEffectIsRefused() throws Exception {
    for (var line :
        List.of("spark.a", "my.option 1", "spark.a 1 \\", "spark.a\\ b 1", "spark.a=")) {
      Files.writeString(
          project.resolve("conf/object-storage.properties"), "spark.x 1\n" + line + "\n");

      var ended = scripts.run("train.sh", Map.of());

      assertThat(ended.exitCode()).isEqualTo(2);
      assertThat(ended.output())
          .startsWith(
              "%s/conf/object-storage.properties, line 2 is '%s': it must be an option and its value"
                  .formatted(project, line))
          .hasLineCount(1);
    }
  }

  @Test
  void aLocaleWithoutUtf8IsReplacedForJava() throws Exception {
    SubmitProject.script(
        project.resolve("target/spark/bin/spark-submit"), "locale charmap; echo \"$LC_ALL\"");

    for (var locale : List.of("C", "POSIX", "no-such-locale")) {
      assertThat(scripts.run("train.sh", Map.of("LC_ALL", locale)).output())
          .endsWith("UTF-8\nC.UTF-8\n");
    }
    assertThat(scripts.run("train.sh", Map.of("LC_ALL", "C.utf8")).output())
        .endsWith("UTF-8\nC.utf8\n");
  }

  @Test
  void aBackendForGpusTakesItsJarAndAsksAClusterForGpus() throws Exception {
    Files.writeString(project.resolve("conf/gpu.properties"), "spark.task.resource.gpu.amount 1\n");
    Path gpuJar = Files.createFile(project.resolve("target/flow-matching-cuda.jar"));
    Map<String, String> cuda = Map.of("BACKEND", "cuda", "MASTER", "spark://host:7077");
    assertThat(scripts.run("train.sh", cuda).lines())
        .containsSequence(
            "spark.hadoop.x=y z",
            "--conf",
            "spark.task.resource.gpu.amount=1",
            "--conf",
            "spark.driver.resource.gpu.discoveryScript=" + project + "/submit/gpu-discovery.sh",
            "--class",
            "TrainJob",
            gpuJar.toString());
    assertThat(scripts.run("train.sh", cuda, "--properties-file", "my", "--").output())
        .doesNotContain("resource.gpu")
        .contains(gpuJar.toString());
    for (List<String> cluster :
        List.of(List.of("--deploy-mode", "cluster"), List.of("--deploy-mode=cluster"))) {
      List<String> arguments = new ArrayList<>(cluster);
      arguments.add("--");
      assertThat(scripts.run("train.sh", cuda, arguments.toArray(String[]::new)).output())
          .contains("spark.task.resource.gpu.amount=1")
          .doesNotContain("discoveryScript");
    }
    for (String local : List.of("local", "local[2]")) {
      assertThat(scripts.run("train.sh", Map.of("BACKEND", "cuda", "MASTER", local)).output())
          .doesNotContain("resource.gpu")
          .contains(gpuJar.toString());
    }
    assertThat(
            scripts
                .run("train.sh", Map.of("BACKEND", "cuda", "MASTER", "local-cluster[2,1,1]"))
                .output())
        .contains("spark.task.resource.gpu.amount=1");
  }

  @Test
  void anUnknownOrUnbuiltBackendIsASentence() throws Exception {
    var unknown = scripts.run("train.sh", Map.of("BACKEND", "rocm"));
    assertThat(unknown.exitCode()).isEqualTo(3);
    assertThat(unknown.output())
        .isEqualTo(
            "BACKEND is 'rocm': it must be cuda or cuda-ptx, for GPUs, or unset, for processors.\n");

    var unbuilt = scripts.run("train.sh", Map.of("BACKEND", "cuda-ptx"));
    assertThat(unbuilt.exitCode()).isEqualTo(3);
    assertThat(unbuilt.output())
        .endsWith(
            "flow-matching-cuda-ptx.jar is not built: run mvn -Pcuda-ptx -DskipTests package in "
                + project
                + ".\n");
  }

  @Test
  void aScriptIsStartedThroughAChainOfLinks() throws Exception {
    Path bin = Files.createDirectories(directory.resolve("bin"));
    Files.createSymbolicLink(directory.resolve("second"), project.resolve("submit/train.sh"));
    Files.createSymbolicLink(bin.resolve("train"), Path.of("../second"));

    assertThat(scripts.runFile(bin.resolve("train"), Map.of(), "train.epochs=1").lines())
        .containsSequence("--properties-file", project.toRealPath() + "/conf/train.properties")
        .endsWith("TrainJob", jar.toRealPath().toString(), "train.epochs=1");
    String path = bin + ":" + System.getenv("PATH");
    assertThat(scripts.runFile(Path.of("train"), Map.of("PATH", path)).lines())
        .endsWith("TrainJob", jar.toRealPath().toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bench.sh",
        "gpu-discovery.sh",
        "local-cluster.sh",
        "quickstart.sh",
        "schedule/nightly.sh"
      })
  void theHelpOfAScriptIsItsComment(String script) throws Exception {
    Path file = project.resolve("submit").resolve(script);
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);

    var ended = scripts.runFile(link, Map.of(), "--help");

    assertThat(ended.exitCode()).isZero();
    assertThat(ended.lines().get(0)).isEqualTo(Files.readAllLines(file).get(1).substring(2));
    assertThat(ended.output()).doesNotContain("set -", "shellcheck");
  }

  @Test
  void foldersThatCdLooksForAndWhatElseTheEnvironmentHasChangeNothing() throws Exception {
    Map<String, String> plain = Map.of();
    Map<String, String> leaking =
        Map.of("CDPATH", directory.toString(), "POSIXLY_CORRECT", "1", "IFS", "a/");
    Path relative = Path.of(project.getFileName() + "/submit/train.sh");

    assertThat(scripts.runFile(relative, leaking)).isEqualTo(scripts.run("train.sh", plain));
  }

  @ParameterizedTest
  @ValueSource(strings = {"C#", "a, b", "a%41%", "über", "a+b&c;d'e$f"})
  void theJarIsFoundInAPathWithSpecialCharacters(String name) throws Exception {
    var special = SubmitProject.in(directory, name);

    List<String> lines = special.run("train.sh", Map.of()).lines();

    // As Spark reads a path: as a URI if it is one, and as a file's path if not.
    String written = lines.get(lines.indexOf("TrainJob") + 1);
    assertThat(Path.of(Utils.resolveURI(written).getPath())).isEqualTo(special.jar());
    assertThat(Utils.resolveURI(written).getFragment()).isNull();
    assertThat(written).doesNotContain(",");
    assertThat(lines).contains(special.project() + "/conf/train.properties");
  }

  @ParameterizedTest
  @ValueSource(strings = {":", "*", "?", "[", "]", "{", "}", "\"", "\\", "\n"})
  void aPathThatSparkOrJavaCannotReadIsASentence(String character) throws Exception {
    var ended = SubmitProject.in(directory, "a" + character + "b").run("sample.sh", Map.of());

    assertThat(ended.exitCode()).isEqualTo(3);
    assertThat(ended.output())
        .startsWith("This project is in " + directory.toRealPath() + "/a" + character + "b, and")
        .contains("in a path with '" + character + "': move or rename the folder");
  }

  @Test
  void aSparkHomeThatAClassPathCannotNameIsASentence() throws Exception {
    Path home = directory.resolve("a:b");
    SubmitProject.printingSparkHome(home);

    var ended = scripts.run("train.sh", Map.of("SPARK_HOME", home.toString()));

    assertThat(ended.exitCode()).isEqualTo(3);
    assertThat(ended.output())
        .startsWith("SPARK_HOME is " + home + ", and Java splits class paths at ':'")
        .hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "foo",
        "local[0]",
        "local[two]",
        "local[*",
        "spark:/host:7077",
        "spark://host",
        "spark://host:99999",
        "spark://host:7077,other",
        "yarn-client",
        "k8s://"
      })
  void aMasterThatSparkCannotHaveIsASentence(String master) throws Exception {
    for (var ended :
        List.of(
            scripts.run("train.sh", Map.of("MASTER", master)),
            scripts.run("train.sh", Map.of(), "--master", master, "--"),
            scripts.run("train.sh", Map.of(), "--conf", "spark.master=" + master, "--"))) {
      assertThat(ended.exitCode()).isEqualTo(3);
      assertThat(ended.output())
          .startsWith("The master is '" + master + "' (MASTER or --master): it must be")
          .hasLineCount(1);
    }
  }

  @Test
  void aMasterThatTheSparkHomeOfTheBuildHasNoClientForIsASentence() throws Exception {
    Path home = directory.resolve("release");
    SubmitProject.printingSparkHome(home);
    for (String master : List.of("yarn", "k8s://https://127.0.0.1:6443")) {
      var ended = scripts.run("train.sh", Map.of("MASTER", master));
      assertThat(ended.exitCode()).isEqualTo(3);
      assertThat(ended.output())
          .startsWith("The master is '" + master + "'")
          .contains("set SPARK_HOME to a Spark 3.5")
          .hasLineCount(1);

      var released = Map.of("MASTER", master, "SPARK_HOME", home.toString());
      assertThat(scripts.run("train.sh", released).lines()).containsSequence("--master", master);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "local",
        "local[4]",
        "local[*]",
        "local[2,3]",
        "local[*, 3]",
        "local-cluster[2, 1, 1024]",
        "spark://host:7077",
        "spark://[::1]:7077",
        "spark://one:7077,two:65535"
      })
  void eachFormOfAMasterIsPassedOn(String master) throws Exception {
    assertThat(scripts.run("train.sh", Map.of("MASTER", master)).lines())
        .containsSequence("--master", master);
  }

  @Test
  void aMasterAmongTheSettingsOfSparkIsTheMaster() throws Exception {
    assertThat(
            scripts.run("train.sh", Map.of(), "--conf", "spark.master=spark://h:1", "--").lines())
        .containsSequence("--master", "spark://h:1")
        .contains("address ");
  }

  @Test
  void whatIsNoOptionOfSparkSubmitIsRefusedBeforeTwoDashes() throws Exception {
    for (String argument : List.of("train.epochs=1", "--config", "--explain", "")) {
      var ended = scripts.run("train.sh", Map.of(), "--name", "x", "--verbose", argument, "--");
      assertThat(ended.exitCode()).isEqualTo(2);
      assertThat(ended.output())
          .startsWith("'" + argument + "' stands before '--'")
          .hasLineCount(1);
    }
    var valueless = scripts.run("train.sh", Map.of(), "--master", "--", "train.epochs=1");
    assertThat(valueless.exitCode()).isEqualTo(2);
    assertThat(valueless.output())
        .startsWith("The option --master of spark-submit has no value")
        .hasLineCount(1);
  }

  @Test
  void eachScriptStartsItsClassWithItsOptions() throws Exception {
    for (var expected :
        Map.of(
                "evaluate.sh", List.of("EvaluateJob", "sample.properties"),
                "train-classifier.sh", List.of("TrainClassifier", "train.properties"))
            .entrySet()) {
      assertThat(scripts.run(expected.getKey(), Map.of(), "a=b").lines())
          .containsSequence("--properties-file", project + "/conf/" + expected.getValue().get(1))
          .containsSequence("--class", expected.getValue().get(0), jar.toString(), "a=b");
    }
  }

  @Test
  void noArgumentsAreNone() throws Exception {
    assertThat(scripts.run("train.sh", Map.of()).lines()).endsWith("TrainJob", jar.toString());
  }

  @Test
  void aClustersMasterKeepsTheAddressOfTheNetwork() throws Exception {
    assertThat(scripts.run("train.sh", Map.of("MASTER", "spark://host:7077")).lines())
        .contains("address ")
        .containsSequence("--master", "spark://host:7077");
    assertThat(scripts.run("train.sh", Map.of(), "--master", "spark://host:7077", "--").lines())
        .contains("address ");
    assertThat(scripts.run("train.sh", Map.of(), "--master=spark://host:7077", "--").lines())
        .contains("address ");
  }

  @Test
  void aClustersMasterOnThisMachineIsGivenTheAddressOfThisMachineAlone() throws Exception {
    for (var host : List.of("127.0.0.1", "localhost")) {
      assertThat(scripts.run("train.sh", Map.of("MASTER", "spark://" + host + ":7077")).lines())
          .contains("address 127.0.0.1");
    }
  }

  @Test
  void sparkHomeIsUsedWhereItIsSet() throws Exception {
    Files.delete(project.resolve("target/spark/bin/spark-submit"));
    var home = directory.resolve("other spark");
    SubmitProject.printingSparkHome(home);

    assertThat(scripts.run("train.sh", Map.of("SPARK_HOME", home.toString())).exitCode()).isZero();
  }

  @Test
  void aMissingJarIsASentenceThatNamesTheCommand() throws Exception {
    Files.delete(jar);

    assertThat(scripts.run("train.sh", Map.of()))
        .isEqualTo(
            new SubmitProject.Ended(
                3, jar + " is not built: run mvn -DskipTests package in " + project + ".\n"));
  }

  @Test
  void aCurrentFolderThatWasDeletedIsASentence() throws Exception {
    Path start = directory.resolve("start");
    SubmitProject.script(
        start,
        "mkdir gone && cd gone && rmdir ../gone && \"$@\" 2>&1 | grep -v ^shell-init:; exit ${PIPESTATUS[0]}");

    for (String script : List.of("train.sh", "local-cluster.sh", "schedule/nightly.sh")) {
      var ended =
          scripts.runFile(start, Map.of(), project.resolve("submit").resolve(script).toString());

      assertThat(ended.exitCode()).isEqualTo(3);
      assertThat(ended.output())
          .startsWith("The current folder no longer exists: ")
          .hasLineCount(1);
    }
  }

  @Test
  void aFolderForTemporaryFilesThatIsMissingIsASentence() throws Exception {
    String option = "\"-Dx=y z\" -Djava.io.tmpdir=";

    var ended = scripts.run("train.sh", Map.of("SPARK_SUBMIT_OPTS", option + "/nowhere"));
    var good = scripts.run("train.sh", Map.of("SPARK_SUBMIT_OPTS", option + directory));

    assertThat(ended.exitCode()).isEqualTo(3);
    assertThat(ended.output())
        .startsWith("Java's folder for temporary files is /nowhere, and this user cannot write")
        .hasLineCount(1);
    assertThat(good.exitCode()).isZero();
  }

  @Test
  void aPathWithoutTheSystemsCommandsIsASentence() throws Exception {
    Path start = directory.resolve("start");
    SubmitProject.script(start, "PATH=/nowhere exec \"$BASH\" \"$@\"");

    for (String script : List.of("train.sh", "quickstart.sh", "schedule/nightly.sh")) {
      var ended =
          scripts.runFile(start, Map.of(), project.resolve("submit").resolve(script).toString());

      assertThat(ended.exitCode()).isEqualTo(3);
      assertThat(ended.output())
          .startsWith("PATH is '/nowhere', and there is no readlink on it")
          .hasLineCount(1);
    }
  }

  @Test
  void aFolderThatIsNoSparkHomeIsASentence() throws Exception {
    var ended = scripts.run("sample.sh", Map.of("SPARK_HOME", "/nowhere"));

    assertThat(ended.exitCode()).isEqualTo(3);
    assertThat(ended.output()).startsWith("/nowhere is not a Spark home").hasLineCount(1);
  }

  @Test
  void aMissingOrOtherJavaIsASentence() throws Exception {
    var missing = scripts.run("train.sh", Map.of("JAVA_HOME", "/nowhere"));
    assertThat(missing.exitCode()).isEqualTo(3);
    assertThat(missing.output())
        .startsWith("No Java was found as '/nowhere/bin/java'")
        .hasLineCount(1);

    var broken = scripts.run("train.sh", Map.of("JAVA_TOOL_OPTIONS", "-Xnonsense"));
    assertThat(broken.exitCode()).isEqualTo(3);
    assertThat(broken.output()).contains("/bin/java' does not start; it says: ", "-Xnonsense");

    var java = directory.resolve("jdk/bin/java");
    SubmitProject.script(
        java,
        """
        echo 'Picked up JAVA_TOOL_OPTIONS: -Xmx1g' >&2
        echo 'openjdk version "1.8.0_392"' >&2
        """);
    var old = scripts.run("train.sh", Map.of("JAVA_HOME", directory.resolve("jdk").toString()));
    assertThat(old.exitCode()).isEqualTo(3);
    assertThat(old.output())
        .isEqualTo(
            "'%s' is not Java 17 but openjdk version \"1.8.0_392\": set JAVA_HOME to a JDK 17.\n"
                .formatted(java));
  }
}
