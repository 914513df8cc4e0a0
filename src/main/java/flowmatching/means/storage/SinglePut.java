package flowmatching.means.storage;

import java.io.IOException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;

/**
 * For object stores: one upload, visible when it is closed. There is no temporary object, because a
 * rename would copy it.
 *
 * <p>S3 can create an object only if it does not exist, and S3A asks it to from Hadoop 3.4.2 on.
 * Other stores are asked whether the name is free when the upload starts: if two uploads overlap,
 * both callers get {@code true}, and the bytes of the later one stay. {@link #isExclusive} finds
 * out which kind a store is.
 */
record SinglePut(FileSystem store) implements Placement {
  /** Hadoop's option; stores that do not support it ignore it. */
  private static final String CONDITIONAL = "fs.option.create.conditional.overwrite";

  /** S3A's option: one request, without first looking for an object or folder of that name. */
  private static final String WITHOUT_LOOKUP = "fs.s3a.create.performance";

  @Override
  public void replace(Path target, byte[] bytes) throws IOException {
    FSDataOutputStreamBuilder<?, ?> builder = store.createFile(target);
    builder.overwrite(true);
    builder.recursive();
    builder.opt(WITHOUT_LOOKUP, "true");
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
      // Stores report in different ways that the object exists by now.
      if (!Reason.isNoAnswer(e) && exists(target, e)) {
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
   * The first call finds out whether the store accepts such requests at all. Then a conditional
   * upload starts while the name is free, and is closed after a second one has replaced the object.
   */
  @Override
  public boolean isExclusive(Path free) throws IOException {
    var contested = free.suffix("-contested");
    createIfAbsent(free, new byte[] {1});
    try {
      var first = conditional(contested);
      replace(contested, new byte[] {2});
      return isRefused(first);
    } finally {
      store.delete(contested, false);
    }
  }

  private static boolean isRefused(FSDataOutputStream upload) throws IOException {
    try {
      upload(upload, new byte[] {1});
      return false;
    } catch (IOException e) {
      if (Reason.isNoAnswer(e)) {
        throw e;
      }
      return true;
    }
  }

  private boolean exists(Path target, IOException failure) {
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
      // Closing the stream would publish a part.
      if (out.hasCapability(StreamCapabilities.ABORTABLE_STREAM)) {
        out.abort();
      }
      throw e;
    }
    out.close();
  }
}
