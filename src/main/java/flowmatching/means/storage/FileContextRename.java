package flowmatching.means.storage;

import java.io.IOException;
import java.util.EnumSet;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options.CreateOpts;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.Path;

/**
 * For {@code hdfs:} and Hadoop's other file systems: a temporary file, then a rename that replaces
 * the target or fails if it exists. Either is one atomic operation of HDFS's name node.
 */
record FileContextRename(FileContext files) implements Placement {
  @Override
  public void replace(Path target, byte[] bytes) throws IOException {
    place(target, bytes, Rename.OVERWRITE);
  }

  @Override
  public boolean createIfAbsent(Path target, byte[] bytes) throws IOException {
    try {
      place(target, bytes, Rename.NONE);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  private void place(Path target, byte[] bytes, Rename rename) throws IOException {
    var temporary = Placement.temporary(target);
    try {
      try (var out =
          files.create(temporary, EnumSet.of(CreateFlag.CREATE), CreateOpts.createParent())) {
        out.write(bytes);
      } catch (FSError e) {
        // Hadoop wraps errors of a local disk, such as a full one, in this.
        throw new IOException(e.getCause().getMessage(), e);
      }
      files.rename(temporary, target, rename);
    } catch (IOException e) {
      delete(temporary, e);
      throw e;
    }
  }

  private void delete(Path temporary, IOException failure) {
    try {
      files.delete(temporary, false);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
