package flowmatching.means.storage;

import java.io.IOException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;

/**
 * On object stores: one upload of bytes that are all there before it begins, visible when it is
 * closed. There is no temporary object, since a rename would copy.
 *
 * <p>If the store can create an object only if there is none, as S3 can, and S3A of Hadoop 3.4.2
 * and newer asks it to, one of several rivals does. Another store is asked whether the name is free
 * when the upload begins, so that two rivals that begin before either has ended are both told that
 * they made the object, and the later one's bytes stay. {@link #isExclusive} tells which it is.
 */
record SinglePut(FileSystem store) implements Placement {
  /** Hadoop's name of it; a store that does not know it passes it over. */
  private static final String CONDITIONAL = "fs.option.create.conditional.overwrite";

  /** S3A's name for: one request, without asking before what is there. */
  private static final String UNASKED = "fs.s3a.create.performance";

  @Override
  public void replace(Path target, byte[] bytes) throws IOException {
    FSDataOutputStreamBuilder<?, ?> builder = store.createFile(target);
    builder.overwrite(true);
    builder.recursive();
    builder.opt(UNASKED, "true");
    upload(builder.build(), bytes);
  }

  @Override
  public boolean createIfAbsent(Path target, byte[] bytes) throws IOException {
    try {
      upload(conditional(target), bytes);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      // That there is one by now, each store says in its own way; one that is away says nothing.
      if (!Reason.isNoAnswer(e) && isThere(target, e)) {
        return false;
      }
      throw e;
    }
  }

  private FSDataOutputStream conditional(Path target) throws IOException {
    FSDataOutputStreamBuilder<?, ?> builder = store.createFile(target);
    builder.overwrite(false);
    builder.recursive();
    builder.opt(CONDITIONAL, "true");
    return builder.build();
  }

  /**
   * A store that refuses such a request altogether fails here, as it would in the run. Then the
   * first of two rivals begins while the name is free, and ends after the second one has ended.
   */
  @Override
  public boolean isExclusive(Path free) throws IOException {
    var contested = free.suffix("-contested");
    createIfAbsent(free, new byte[] {1});
    try {
      var first = conditional(contested);
      replace(contested, new byte[] {2});
      return !uploads(first);
    } finally {
      store.delete(contested, false);
    }
  }

  private static boolean uploads(FSDataOutputStream first) throws IOException {
    try {
      upload(first, new byte[] {1});
      return true;
    } catch (IOException e) {
      if (Reason.isNoAnswer(e)) {
        throw e;
      }
      return false;
    }
  }

  private boolean isThere(Path target, IOException failure) {
    try {
      return store.exists(target);
    } catch (IOException e) {
      failure.addSuppressed(e);
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
