package flowmatching.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.apache.hadoop.fs.Path;

/**
 * On {@code file:}: a temporary file, forced to the disk, then renamed over the target, or linked
 * where there must be none. Hadoop's local filesystem looks for the target first and renames after;
 * a link is made by the operating system if and only if the name is free, over NFS too.
 */
record LocalRename() implements Placement {
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
    } catch (UnsupportedOperationException e) {
      throw new IOException("this filesystem has no hard links", e);
    } finally {
      Files.deleteIfExists(temporary);
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
