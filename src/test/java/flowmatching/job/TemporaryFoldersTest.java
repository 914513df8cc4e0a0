package flowmatching.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.EnvironmentFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemporaryFoldersTest {
  @TempDir Path directory;

  @Test
  void aFolderIsMadeAndLeftEmpty() {
    var folder = directory.resolve("a/b");

    folders(folder.toString()).check();

    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void oneOfSeveralFoldersIsEnough() throws IOException {
    var file = Files.createFile(directory.resolve("file"));

    folders(file + "," + directory.resolve("good")).check();

    assertThat(directory.resolve("good")).isEmptyDirectory();
  }

  @Test
  void ifNoneCanBeWrittenToEachIsNamedWithItsReason() throws IOException {
    var file = Files.createFile(directory.resolve("file"));

    assertThatThrownBy(() -> folders("/proc/none,," + file).check())
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageStartingWith("Spark cannot write its temporary files ('/proc/none': ")
        .hasMessageContaining("; '': the name is empty; '%s': %s is a file", file, file)
        .hasMessageContaining("or set SPARK_LOCAL_DIRS in the environment");
  }

  private static TemporaryFolders folders(String names) {
    return TemporaryFolders.of(new SparkConf(false).set("spark.local.dir", names));
  }
}
