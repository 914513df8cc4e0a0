package flowmatching.means.data;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.TaskContext;

/** Local files that a driver can read, but of which tasks can read only the first byte. */
public final class FailingFileSystem extends RawLocalFileSystem {
  @Override
  public URI getUri() {
    return URI.create("failing:///");
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    FSDataInputStream whole = super.open(path, bufferSize);
    return TaskContext.get() == null ? whole : new FSDataInputStream(new Failing(whole));
  }

  private static final class Failing extends FSInputStream {
    private final FSDataInputStream file;

    Failing(FSDataInputStream file) {
      this.file = file;
    }

    @Override
    public int read() throws IOException {
      if (file.getPos() > 0) {
        throw new IOException("the disk is gone");
      }
      return file.read();
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (file.getPos() > 0) {
        throw new IOException("the disk is gone");
      }
      return file.read(into, offset, Math.min(length, 1));
    }

    @Override
    public void seek(long position) throws IOException {
      file.seek(position);
    }

    @Override
    public long getPos() throws IOException {
      return file.getPos();
    }

    @Override
    public boolean seekToNewSource(long position) {
      return false;
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
