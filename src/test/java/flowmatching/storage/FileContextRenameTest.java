package flowmatching.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.failure.EnvironmentFailure;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.AbstractFileSystem;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a filesystem of Hadoop with a scheme of its own, kept in a local folder. */
class FileContextRenameTest {
  @TempDir Path directory;
  private Folder folder;

  @BeforeEach
  void open() {
    var configuration = new Configuration();
    configuration.setClass("fs.named.impl", Named.class, FileSystem.class);
    configuration.setClass(
        "fs.AbstractFileSystem.named.impl", NamedContext.class, AbstractFileSystem.class);
    folder = Folder.of("named:" + directory.resolve("output"), configuration);
  }

  @Test
  void whatIsWrittenIsReadAndNothingLiesBesideIt() throws IOException {
    folder.write("model/model.json", new byte[] {1});
    folder.write("model/model.json", new byte[] {2});

    assertThat(folder.read("model/model.json", 1)).containsExactly(2);
    assertThat(namesIn("output/model")).containsExactly("model.json");
  }

  @Test
  void anObjectThatIsThereIsKeptAndNoTemporaryFileStays() throws IOException {
    assertThat(folder.createIfAbsent("identity.json", new byte[] {1})).isTrue();
    assertThat(folder.createIfAbsent("identity.json", new byte[] {2})).isFalse();

    assertThat(folder.read("identity.json", 1)).containsExactly(1);
    assertThat(namesIn("output")).containsExactly("identity.json");
  }

  @Test
  void aFileInPlaceOfTheFolderIsAnEnvironmentFailure() throws IOException {
    Files.writeString(directory.resolve("output"), "a file where the folder should be");

    assertThatThrownBy(folder::checkWritable)
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("output cannot be written to");
  }

  private String[] namesIn(String child) throws IOException {
    try (var files = Files.list(directory.resolve(child))) {
      return files.map(file -> file.getFileName().toString()).toArray(String[]::new);
    }
  }

  /** The local filesystem under another scheme, for {@link FileSystem}. */
  public static final class Named extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("named:///");
    }

    @Override
    public String getScheme() {
      return "named";
    }
  }

  /** The same for {@link org.apache.hadoop.fs.FileContext}. */
  public static final class NamedContext extends DelegateToFileSystem {
    public NamedContext(URI uri, Configuration configuration)
        throws IOException, URISyntaxException {
      super(uri, new Named(), configuration, "named", false);
    }
  }
}
