package flowmatching.means.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.EnvironmentFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a Hadoop file system with its own scheme. */
class FileContextRenameTest {
  @TempDir Path directory;
  private Folder folder;

  @BeforeEach
  void open() {
    var configuration = new Configuration(false);
    SmallDisk.mount(configuration, directory, 1000);
    folder = Folder.of("small:" + directory.resolve("output"), configuration);
  }

  @Test
  void aWrittenFileIsReadBackWithNothingBesideIt() throws IOException {
    folder.write("model/model.json", new byte[] {1});
    folder.write("model/model.json", new byte[] {2});

    assertThat(folder.read("model/model.json", 1)).containsExactly(2);
    assertThat(namesIn("output/model")).containsExactly("model.json");
  }

  @Test
  void anExistingFileIsKeptAndNoTemporaryFileStays() throws IOException {
    assertThat(folder.createIfAbsent("identity.json", new byte[] {1})).isTrue();
    assertThat(folder.createIfAbsent("identity.json", new byte[] {2})).isFalse();

    assertThat(folder.read("identity.json", 1)).containsExactly(1);
    assertThat(namesIn("output")).containsExactly("identity.json");
  }

  @Test
  void aFileInsteadOfTheFolderIsAnEnvironmentFailure() throws IOException {
    Files.writeString(directory.resolve("output"), "a file where the folder should be");

    assertThatThrownBy(folder::checkWritable)
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("output cannot be written to");
  }

  @Test
  void aFullDiskKeepsTheOldFileAndLeavesNoTemporaryOne() throws IOException {
    folder.write("metrics.jsonl", new byte[400]);

    assertThatThrownBy(() -> folder.write("metrics.jsonl", new byte[700]))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("output/metrics.jsonl cannot be written: No space left on device");
    assertThatThrownBy(() -> folder.write("model/model.json", new byte[700]))
        .isInstanceOf(EnvironmentFailure.class);
    assertThat(folder.read("metrics.jsonl", 400)).hasSize(400);
    assertThat(namesIn("output")).containsExactlyInAnyOrder("metrics.jsonl", "model");
    assertThat(namesIn("output/model")).isEmpty();
    folder.delete("metrics.jsonl");
    folder.write("model/model.json", new byte[700]);
    assertThat(folder.space()).isEqualTo(300);
  }

  private String[] namesIn(String child) throws IOException {
    try (var files = Files.list(directory.resolve(child))) {
      return files.map(file -> file.getFileName().toString()).toArray(String[]::new);
    }
  }
}
