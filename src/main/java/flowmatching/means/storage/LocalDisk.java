package flowmatching.means.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** What not every local filesystem can do. */
class LocalDisk {
  /** Makes a hard link to a file. */
  void link(Path link, Path file) throws IOException {
    Files.createLink(link, file);
  }

  /** Waits for the lock of a file, which closing the channel gives back. */
  void lock(FileChannel channel) throws IOException {
    channel.lock();
  }
}
