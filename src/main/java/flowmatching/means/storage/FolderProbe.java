package flowmatching.means.storage;

import flowmatching.base.failure.EnvironmentFailure;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Tries a folder before a run, within seconds, for {@link Folder}. */
record FolderProbe(Path folder, Configuration configuration) {
  /** Small, so that a disk without space for a checkpoint fails the check for that instead. */
  private static final int PROBE_BYTES = 256;

  boolean checkWritable(String... subFolders) {
    boolean exclusive =
        ask("written to", FolderWriter.fix(folder) + ", or give another folder", this::isExclusive);
    for (var name : subFolders) {
      new FolderProbe(Folder.resolve(folder, name), configuration).checkWritableIfPresent();
    }
    return exclusive;
  }

  private void checkWritableIfPresent() {
    ask(
        "written to",
        FolderWriter.fix(folder) + ", or give another output folder",
        fileSystem -> !fileSystem.exists(folder) || isWritten(fileSystem));
  }

  void checkReachable() {
    ask("read", "Check the path", fileSystem -> fileSystem.exists(folder));
  }

  private <T> T ask(String action, String fix, FailFastFileSystem.Question<T> question) {
    try {
      return new FailFastFileSystem(folder.toUri(), configuration).ask(question);
    } catch (IOException e) {
      throw new EnvironmentFailure(
          "%s cannot be %s: %s. %s.".formatted(folder, action, Reason.of(e), fix), e);
    }
  }

  private boolean isWritten(FileSystem fileSystem) throws IOException {
    var probe = free();
    Placement.on(fileSystem, configuration).replace(probe, new byte[PROBE_BYTES]);
    return fileSystem.delete(probe, false);
  }

  private Path free() {
    return new Path(folder, ".probe-" + UUID.randomUUID());
  }

  private boolean isExclusive(FileSystem fileSystem) throws IOException {
    var placement = Placement.on(fileSystem, configuration);
    var probe = free();
    var rival = free();
    var bytes = new byte[PROBE_BYTES];
    new Random().nextBytes(bytes);
    placement.replace(probe, bytes);
    try {
      checkSame(bytes, fileSystem, probe);
      return placement.isExclusive(rival);
    } finally {
      fileSystem.delete(probe, false);
      fileSystem.delete(rival, false);
    }
  }

  private static void checkSame(byte[] written, FileSystem fileSystem, Path probe)
      throws IOException {
    try (var in = fileSystem.open(probe)) {
      var found = in.readAllBytes();
      if (!Arrays.equals(found, written)) {
        throw new IOException(
            "it changes what is written: %d bytes were written, and %d different bytes read back. Use a store that keeps objects unchanged"
                .formatted(written.length, found.length));
      }
    }
  }
}
