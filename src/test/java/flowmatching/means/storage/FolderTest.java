package flowmatching.means.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On {@code file:}. */
class FolderTest {
  private static final int LIMIT = 1 << 24;

  @TempDir Path directory;
  private Folder folder;
  private ExecutorService threads;

  @BeforeEach
  void open() {
    folder = Folder.of(directory.resolve("output").toString(), new Configuration());
    threads = Executors.newFixedThreadPool(4);
  }

  @AfterEach
  void close() throws InterruptedException {
    threads.shutdownNow();
    assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aWrittenFileIsReadBackWithNothingBesideIt() throws IOException {
    folder.write("png/7.png", bytes("first"));
    folder.write("png/7.png", bytes("second"));

    assertThat(folder.read("png/7.png", 6)).isEqualTo(bytes("second"));
    assertThat(folder.list()).containsExactly("png");
    try (var files = Files.list(directory.resolve("output/png"))) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactly("7.png");
    }
  }

  @Test
  void aChildIsASubFolder() {
    folder.child("model").write("model.json", bytes("{}"));

    assertThat(folder.read("model/model.json", LIMIT)).isEqualTo(bytes("{}"));
    assertThat(folder.child("model").exists("model.json")).isTrue();
    assertThat(folder.child("model")).hasToString(folder + "/model");
  }

  @Test
  void aReaderSeesOldOrNewBytesAndNeverAMixture() throws Exception {
    var contents = List.of(filled('a'), filled('b'));
    folder.write("object", contents.get(0));
    Future<?> writer =
        threads.submit(
            () -> {
              for (int i = 0; i < 40; i++) {
                folder.write("object", contents.get(i % 2));
              }
            });
    do {
      assertThat(folder.read("object", LIMIT)).isIn(contents.get(0), contents.get(1));
    } while (!writer.isDone());
    writer.get();
  }

  @Test
  void exactlyOneOfSeveralThreadsCreatesAFile() throws Exception {
    var start = new CyclicBarrier(4);
    for (int round = 0; round < 50; round++) {
      var name = "identity-" + round;
      var rivals = new ArrayList<Future<Boolean>>();
      for (int rival = 0; rival < 4; rival++) {
        var content = bytes("rival " + rival);
        rivals.add(
            threads.submit(
                () -> {
                  start.await();
                  return folder.createIfAbsent(name, content);
                }));
      }
      var winners = new ArrayList<String>();
      for (int rival = 0; rival < 4; rival++) {
        if (rivals.get(rival).get()) {
          winners.add("rival " + rival);
        }
      }
      assertThat(winners).containsExactly(new String(folder.read(name, LIMIT), UTF_8));
    }
  }

  @Test
  void temporaryFilesOfAKilledWriterAreNotListed() throws IOException {
    var output = Files.createDirectories(directory.resolve("output"));
    Files.writeString(output.resolve(".manifest.json.5d2c.tmp"), "{\"cou");

    assertThat(folder.list()).isEmpty();
    assertThat(folder.exists("manifest.json")).isFalse();
    assertThat(folder.createIfAbsent("manifest.json", bytes("{}"))).isTrue();
    assertThat(folder.list()).containsExactly("manifest.json");
  }

  @Test
  void deletingAFolderDeletesItsContent() {
    folder.write("epoch-0001/model.json", bytes("{}"));
    folder.write("epoch-0001/deep/er.json", bytes("{}"));
    folder.write("epoch-0002/model.json", bytes("{}"));
    folder.delete("epoch-0001");
    folder.delete("epoch-0002/model.json");
    folder.delete("never-there/model.json");

    assertThat(folder.list()).containsExactly("epoch-0002");
    assertThat(folder.child("epoch-0002").list()).isEmpty();
  }

  @Test
  void namesOfTemporaryFilesCannotBeWritten() {
    assertThatThrownBy(() -> folder.write(".hidden", bytes("x")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void listingIsSortedAndIncludesMarkers() {
    for (var name : List.of("part-8.parquet", "_SUCCESS", "part-0.parquet")) {
      folder.write(name, bytes(name));
    }
    assertThat(folder.list()).containsExactly("_SUCCESS", "part-0.parquet", "part-8.parquet");
  }

  @Test
  void aStaleChecksumFileIsIgnored() throws IOException {
    folder.write("model.json", bytes("{}"));
    Files.writeString(directory.resolve("output/.model.json.crc"), "not its checksum");

    assertThat(folder.read("model.json", LIMIT)).isEqualTo(bytes("{}"));
  }

  @Test
  void aMissingFileIsADataFailureWithItsPath() {
    assertThatThrownBy(() -> folder.read("model.json", LIMIT))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("output/model.json does not exist");
  }

  @Test
  void aFileLargerThanAllowedIsRefused() {
    folder.write("model.json", bytes("123456"));

    assertThatThrownBy(() -> folder.read("model.json", 5))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("output/model.json has more bytes than the 5 that it may have");
  }

  @Test
  void aFolderInsteadOfAFileIsADataFailure() {
    folder.write("model/model.json", bytes("{}"));

    assertThatThrownBy(() -> folder.read("model", LIMIT))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("output/model cannot be read");
  }

  @Test
  void aFileThatMayNotBeReadIsAnEnvironmentFailure() {
    folder.write("model.json", bytes("{}"));
    var configuration = new Configuration();
    configuration.setClass("fs.file.impl", DeniesReading.class, FileSystem.class);
    configuration.setBoolean("fs.file.impl.disable.cache", true);
    var denied = Folder.of(directory.resolve("output").toString(), configuration);

    assertThatThrownBy(() -> denied.read("model.json", LIMIT))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("output/model.json cannot be read: ")
        .hasMessageContaining("Permission denied");
  }

  /** A loop of links stands for a folder without search permission, which root always has. */
  @Test
  void aFileThatCannotBeLookedAtIsNotReportedAsMissing() throws IOException {
    folder.write("model.json", bytes("{}"));
    Path loop = directory.resolve("output/loop");
    Files.createSymbolicLink(loop, loop);

    assertThatThrownBy(() -> folder.exists("loop/model.json"))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("loop/model.json cannot be read: ");
    assertThatThrownBy(() -> folder.read("loop/model.json", LIMIT))
        .isInstanceOf(EnvironmentFailure.class);
    assertThatThrownBy(() -> folder.child("loop/model").list())
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("loop/model cannot be read: ");
    assertThat(folder.list()).containsExactly("loop", "model.json");
  }

  @Test
  void aMissingFolderIsEmptyAndAFileCannotBeListed() {
    folder.write("model.json", bytes("{}"));

    assertThat(folder.child("absent").list()).isEmpty();
    assertThatThrownBy(() -> folder.child("model.json").list())
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("output/model.json is a file, not a folder");
  }

  @Test
  void aFileHasNoChildren() {
    folder.write("model.json", bytes("{}"));

    assertThat(folder.exists("model.json/inner")).isFalse();
    assertThat(folder.exists("absent/inner")).isFalse();
  }

  @Test
  void aFolderThatCannotBeCreatedFailsTheCheckWithItsPathAndTheFix() throws IOException {
    Files.writeString(directory.resolve("output"), "a file where the folder should be");

    assertThatThrownBy(folder::checkWritable)
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("output cannot be written to")
        .hasMessageContaining("output is a file, not a folder")
        .hasMessageContaining("give another folder");
    assertThatThrownBy(() -> folder.createIfAbsent("x", bytes("x")))
        .isInstanceOf(EnvironmentFailure.class);
  }

  @Test
  void aFailedWriteKeepsTheOldFileAndLeavesNoTemporaryOne() throws IOException {
    folder.write("taken/inside", bytes("x"));

    assertThatThrownBy(() -> folder.write("taken", bytes("y")))
        .isInstanceOf(EnvironmentFailure.class);
    try (var files = Files.list(directory.resolve("output"))) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactly("taken");
    }
    assertThat(folder.read("taken/inside", LIMIT)).isEqualTo(bytes("x"));
  }

  @Test
  void theSpaceIsTheDisksEvenBeforeTheFolderExists() {
    var deep = folder.child("run").child("checkpoints");
    assertThat(deep.space()).isPositive().isLessThanOrEqualTo(directory.toFile().getTotalSpace());
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void manyFilesAreWrittenInParallel() {
    var files = new TreeMap<String, byte[]>();
    IntStream.range(0, 100).forEach(i -> files.put("png/" + i + ".png", bytes("image " + i)));

    folder.writeAll(files);

    files.forEach((name, bytes) -> assertThat(folder.read(name, 100)).isEqualTo(bytes));
  }

  @Test
  void ifOneOfManyFilesCannotBeWrittenItIsReported() {
    folder.write("png", bytes("a file where a folder should be"));

    assertThatThrownBy(() -> folder.writeAll(Map.of("good", bytes("x"), "png/1.png", bytes("y"))))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("png/1.png cannot be written");
  }

  @Test
  void theCheckLeavesAnEmptyFolder() {
    assertThat(folder.checkWritable()).isTrue();

    assertThat(directory.resolve("output")).isEmptyDirectory();
  }

  @Test
  void theCheckTriesSubFoldersThatExist() throws IOException {
    folder.write("model/a", bytes("x"));
    assertThat(folder.checkWritable("model", "absent", "absent/inner")).isTrue();
    assertThat(directory.resolve("output/model")).isDirectoryNotContaining("glob:**/.*");
    assertThat(directory.resolve("output/absent")).doesNotExist();

    // Not even root can write there.
    Files.createSymbolicLink(directory.resolve("output/previews"), Path.of("/proc"));
    folder.write("checkpoints", bytes("a file where a folder should be"));
    assertThat(folder.checkWritable("model")).isTrue();
    for (var name : List.of("previews", "checkpoints")) {
      assertThatThrownBy(() -> folder.checkWritable("model", name))
          .isInstanceOf(EnvironmentFailure.class)
          .hasMessageContaining("output/%s cannot be written to: ", name)
          .hasMessageContaining("or give another output folder.");
    }
  }

  @Test
  void anAddressWithoutSlashesIsRefusedInPlainWords() {
    assertThatThrownBy(() -> Folder.of("s3a:bucket/run", new Configuration()))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageStartingWith("'s3a:bucket/run' is not a valid folder: give a path")
        .hasMessageNotContaining("java.");
  }

  @Test
  void anUnknownFileSystemIsAnEnvironmentFailure() {
    assertThatThrownBy(() -> Folder.of("gopher://host/run", new Configuration()))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("gopher://host/run");
  }

  @Test
  void anInvalidPathIsAConfigurationFailure() {
    assertThatThrownBy(() -> Folder.of("", new Configuration()))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining("'' is not a valid folder");
  }

  @Test
  void aFileSystemWhoseClassIsMissingIsAnEnvironmentFailure() {
    var configuration = new Configuration();
    configuration.set("fs.missing.impl", "no.such.FileSystem");

    assertThatThrownBy(() -> Folder.of("missing://host/x", configuration))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("The file system of missing://host/x cannot be used")
        .hasMessageContaining("no.such.FileSystem")
        .hasMessageContaining("has the jars for that scheme");
  }

  @Test
  void aFolderIsSerializable() throws Exception {
    var sent = new ByteArrayOutputStream();
    try (var out = new ObjectOutputStream(sent)) {
      out.writeObject(folder);
    }
    try (var in = new ObjectInputStream(new ByteArrayInputStream(sent.toByteArray()))) {
      ((Folder) in.readObject()).write("from-a-task", bytes("x"));
    }
    assertThat(folder.list()).containsExactly("from-a-task");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static byte[] filled(char letter) {
    var content = new byte[1 << 20];
    Arrays.fill(content, (byte) letter);
    return content;
  }

  /** Local files without read permission, with Java's exception. */
  public static final class DeniesReading extends RawLocalFileSystem {
    @Override
    public FSDataInputStream open(org.apache.hadoop.fs.Path path, int bufferSize)
        throws IOException {
      throw new FileNotFoundException(path.toUri().getPath() + " (Permission denied)");
    }
  }
}
