package flowmatching.storage;

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
 * <p>Where the store can create an object only if there is none, as S3A of Hadoop 3.4.2 and newer
 * can, one of several rivals does. What another store loses: it is asked whether the name is free
 * when the upload begins, so two rivals that begin before either has ended are both told that they
 * made the object, and the later one's bytes stay.
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
      FSDataOutputStreamBuilder<?, ?> builder = store.createFile(target);
      builder.overwrite(false);
      builder.recursive();
      builder.opt(CONDITIONAL, "true");
      upload(builder.build(), bytes);
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
