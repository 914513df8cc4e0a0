package flowmatching.means.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Operations that some local file systems lack. */
class LocalDisk {
  /** Creates a hard link to a file. */
  void link(Path link, Path file) throws IOException {
    Files.createLink(link, file);
  }

  /** Waits for the lock of a file, which is released when the channel is closed. */
  void lock(FileChannel channel) throws IOException {
    channel.lock();
  }
}
