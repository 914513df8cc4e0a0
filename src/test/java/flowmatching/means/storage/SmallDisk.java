package flowmatching.means.storage;

import java.io.File;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.AbstractFileSystem;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FsStatus;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * A Hadoop file system with the scheme {@code small} in a local folder, with a limited capacity.
 * When it is full, it writes what fits and then fails like Hadoop's local file system on a full
 * disk.
 */
public final class SmallDisk extends RawLocalFileSystem {
  private static final String ROOT = "fs.small.root";
  private static final String CAPACITY = "fs.small.capacity";

  /** Registers {@code small:} with a capacity in bytes, or changes its capacity. */
  public static void mount(Configuration configuration, Path root, long capacity) {
    configuration.setClass("fs.small.impl", SmallDisk.class, FileSystem.class);
    configuration.setClass(
        "fs.AbstractFileSystem.small.impl", Context.class, AbstractFileSystem.class);
    // A cached one would keep its old capacity.
    configuration.setBoolean("fs.small.impl.disable.cache", true);
    configuration.set(ROOT, root.toString());
    configuration.setLong(CAPACITY, capacity);
  }

  @Override
  public URI getUri() {
    return URI.create("small:///");
  }

  @Override
  public String getScheme() {
    return "small";
  }

  @Override
  public FSDataOutputStream create(
      org.apache.hadoop.fs.Path path,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    var file =
        super.create(path, permission, overwrite, bufferSize, replication, blockSize, progress);
    return new FSDataOutputStream(new Limited(file), null);
  }

  @Override
  public FsStatus getStatus(org.apache.hadoop.fs.Path path) throws IOException {
    var capacity = getConf().getLong(CAPACITY, 0);
    return new FsStatus(capacity, used(), Math.max(0, capacity - used()));
  }

  private long used() throws IOException {
    try (var files = Files.walk(Path.of(getConf().get(ROOT)))) {
      return files.map(Path::toFile).filter(File::isFile).mapToLong(File::length).sum();
    }
  }

  /** Only Hadoop can construct its error, so a device that is always full causes one. */
  private void fail() throws IOException {
    try (var full = append(new org.apache.hadoop.fs.Path("/dev/full"), 1, null)) {
      full.write(0);
    }
  }

  private final class Limited extends FilterOutputStream {
    Limited(OutputStream file) {
      super(file);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.flush();
      var free = getStatus(null).getRemaining();
      out.write(bytes, offset, (int) Math.min(length, free));
      if (free < length) {
        fail();
      }
    }
  }

  /** The same for {@link org.apache.hadoop.fs.FileContext}. */
  public static final class Context extends DelegateToFileSystem {
    public Context(URI uri, Configuration configuration) throws IOException, URISyntaxException {
      super(uri, new SmallDisk(), configuration, "small", false);
    }
  }
}
