package flowmatching.storage;

import java.io.IOException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;

/**
 * On object stores: one upload of bytes that are all there before it begins, visible when it is
 * closed. There is no temporary object, since a rename would copy.
 *
 * <p>What a store without conditional creation loses: it is asked whether the name is free when the
 * upload begins, so two rivals that begin before either has ended are both told that they made the
 * object, and the later one's bytes stay. S3A of Hadoop 3.3 is such a store.
 */
record SinglePut(FileSystem store) implements Placement {
  @Override
  public void replace(Path target, byte[] bytes) throws IOException {
    upload(store.create(target, true), bytes);
  }

  @Override
  public boolean createIfAbsent(Path target, byte[] bytes) throws IOException {
    try {
      upload(store.create(target, false), bytes);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  private static void upload(FSDataOutputStream out, byte[] bytes) throws IOException {
    try {
      out.write(bytes);
    } catch (IOException | RuntimeException e) {
      // To close a stream is to publish what it has: one that failed is given up, never closed.
      if (out.hasCapability(StreamCapabilities.ABORTABLE_STREAM)) {
        out.abort();
      }
      throw e;
    }
    out.close();
  }
}
