package flowmatching.means.storage;

import flowmatching.base.failure.EnvironmentFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.apache.hadoop.fs.Path;

/**
 * For {@code file:}: a temporary file, forced to the disk, then renamed over the target, or linked
 * if the target must not exist. Hadoop's local file system looks for the target before it renames;
 * the operating system creates a link only if the name is free, over NFS too.
 *
 * <p>exFAT, SMB and some FUSE file systems have no hard links. There the file is renamed if the
 * name is free, under an operating system lock on a hidden file in the folder, which is released if
 * the process dies. The hidden file stays: a process may be waiting for its lock.
 */
class LocalRename implements Placement {
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
      link(local(target), temporary);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (FileSystemException | UnsupportedOperationException e) {
      // On a disk with links, a rename would miss a link that another host makes concurrently.
      if (hasLinks(target, temporary)) {
        throw e;
      }
      return renameUnderLock(temporary, local(target));
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Tries it, because the system's error message is in the user's language. */
  private boolean hasLinks(Path target, java.nio.file.Path file) throws IOException {
    var link = local(Placement.temporary(target));
    try {
      link(link, file);
      return true;
    } catch (FileSystemException | UnsupportedOperationException e) {
      return false;
    } finally {
      Files.deleteIfExists(link);
    }
  }

  void link(java.nio.file.Path link, java.nio.file.Path file) throws IOException {
    Files.createLink(link, file);
  }

  private boolean renameUnderLock(java.nio.file.Path temporary, java.nio.file.Path target)
      throws IOException {
    var lockFile = target.resolveSibling(LOCK);
    // Java refuses a process's second lock of a file instead of waiting for it.
    synchronized (LocalRename.class) {
      // Closing the channel releases the lock.
      try (var channel =
          FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        lockFor(target, channel);
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
          return false;
        }
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        return true;
      }
    }
  }

  private void lockFor(java.nio.file.Path target, FileChannel channel) throws IOException {
    try {
      lock(channel);
    } catch (ClosedChannelException | FileLockInterruptionException e) {
      throw e;
    } catch (IOException e) {
      throw new EnvironmentFailure(
          "%s cannot be written: its file system has neither hard links nor file locks (%s), so two concurrent runs could both claim it. Give a folder on another local disk, on hdfs: or on s3a:."
              .formatted(target, Reason.of(e)),
          e);
    }
  }

  void lock(FileChannel channel) throws IOException {
    channel.lock();
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
