package flowmatching.means.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a local file system without hard links. */
class LocalRenameTest {
  private static final int RIVALS = 4;
  private static final int ROUNDS = 20;

  @TempDir Path directory;
  private ExFat disk;
  private Folder folder;

  @BeforeEach
  void mount() throws Exception {
    disk = ExFat.mount(directory);
    folder = Folder.of(disk.folder().resolve("run").toString(), new Configuration());
  }

  @AfterEach
  void unmount() throws Exception {
    if (disk != null) {
      disk.unmount();
    }
  }

  @Test
  void aFileIsCreatedOnceAndTheCheckFindsOut() throws Exception {
    Path linked = Files.createFile(disk.folder().resolve("linked"));
    assertThatThrownBy(() -> Files.createLink(disk.folder().resolve("link"), linked))
        .isInstanceOf(FileSystemException.class);

    assertThat(folder.checkWritable()).isTrue();
    assertThat(folder.createIfAbsent("identity.json", new byte[] {1})).isTrue();
    assertThat(folder.createIfAbsent("identity.json", new byte[] {2})).isFalse();
    assertThat(folder.read("identity.json", 1)).containsExactly(1);
    assertThat(folder.list()).containsExactly("identity.json");
  }

  @Test
  void exactlyOneOfSeveralThreadsCreatesAFile() throws Exception {
    var threads = Executors.newFixedThreadPool(RIVALS);
    try {
      var start = new CyclicBarrier(RIVALS);
      for (int round = 0; round < ROUNDS; round++) {
        var name = "object-" + round;
        var rivals = new ArrayList<Future<Boolean>>();
        for (int rival = 0; rival < RIVALS; rival++) {
          var content = ("rival " + rival).getBytes(UTF_8);
          rivals.add(
              threads.submit(
                  () -> {
                    start.await();
                    return folder.createIfAbsent(name, content);
                  }));
        }
        var winners = new ArrayList<String>();
        for (int rival = 0; rival < RIVALS; rival++) {
          if (rivals.get(rival).get()) {
            winners.add("rival " + rival);
          }
        }
        assertThat(winners).containsExactly(new String(folder.read(name, 100), UTF_8));
      }
    } finally {
      threads.shutdownNow();
      assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void exactlyOneOfTwoProcessesCreatesEachFile() throws Exception {
    var first = Rival.start(folder);
    var second = Rival.start(folder);
    assertThat(first.waitFor()).isZero();
    assertThat(second.waitFor()).isZero();
    var made = new ArrayList<String>();
    for (var process : new Process[] {first, second}) {
      made.addAll(
          new String(process.getInputStream().readAllBytes(), UTF_8)
              .lines()
              .filter(line -> line.startsWith("made "))
              .toList());
    }
    assertThat(made)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, Rival.OBJECTS).mapToObj(number -> "made " + number).toList());
  }

  /** Another process, which tries to create the same files and prints those that it created. */
  static final class Rival {
    static final int OBJECTS = 200;

    private Rival() {}

    static Process start(Folder folder) throws Exception {
      return new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-cp",
              System.getProperty("java.class.path"),
              Rival.class.getName(),
              folder.toString())
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start();
    }

    public static void main(String[] args) {
      var folder = Folder.of(args[0], new Configuration());
      for (int number = 0; number < OBJECTS; number++) {
        if (folder.createIfAbsent("object-" + number, args[0].getBytes(UTF_8))) {
          System.out.println("made " + number);
        }
      }
    }
  }
}
