package flowmatching.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.apache.hadoop.fs.Path;

/**
 * On {@code file:}: a temporary file, forced to the disk, then renamed over the target, or linked
 * if there must be none. Hadoop's local filesystem looks for the target first and renames after; a
 * link is made by the operating system if and only if the name is free, over NFS too.
 *
 * <p>exFAT, SMB and some FUSE filesystems have no hard links. There the name is looked for, and the
 * file renamed, under a lock of the operating system on a hidden file of the folder, which a
 * process that dies gives back. The hidden file stays: a process may be waiting for its lock.
 */
record LocalRename() implements Placement {
  private static final String LOCK = ".create.lock";

  @Override
  public void replace(Path target, byte[] bytes) throws IOException {
    var temporary = writeTemporary(target, bytes);
    try {
      Files.move(temporary, local(target), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  @Override
  public boolean createIfAbsent(Path target, byte[] bytes) throws IOException {
    var temporary = writeTemporary(target, bytes);
    try {
      Files.createLink(local(target), temporary);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (FileSystemException | UnsupportedOperationException e) {
      return renameUnderLock(temporary, local(target));
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Synchronized, since a second lock of one process is refused and not waited for. */
  private static synchronized boolean renameUnderLock(
      java.nio.file.Path temporary, java.nio.file.Path target) throws IOException {
    var lockFile = target.resolveSibling(LOCK);
    // Closing it gives the lock back.
    try (var channel =
        FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.lock();
      if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
        return false;
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      return true;
    }
  }

  private static java.nio.file.Path writeTemporary(Path target, byte[] bytes) throws IOException {
    var temporary = local(Placement.temporary(target));
    Files.createDirectories(temporary.getParent());
    try (var channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      var buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
      return temporary;
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
  }

  private static java.nio.file.Path local(Path path) {
    return java.nio.file.Path.of(path.toUri().getPath());
  }
}
