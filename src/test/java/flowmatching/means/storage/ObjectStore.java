package flowmatching.means.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Abortable;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * An in-memory store that behaves like S3A: an object is visible once its stream is closed, closing
 * a failed stream publishes its content, nothing can be renamed, and folders are prefixes of names.
 */
public final class ObjectStore extends FileSystem {
  /** Setting: whether creating an object that exists also fails at the end of the upload. */
  static final String CONDITIONAL = "fs.test.conditional";

  /** Setting: whether an upload that creates an object succeeds but reports that it exists. */
  static final String FORGETFUL = "fs.test.forgetful";

  /** Setting: whether it stores other bytes than were written. */
  static final String FRAMING = "fs.test.framing";

  private static final Map<String, Map<String, byte[]>> BUCKETS = new ConcurrentHashMap<>();

  private Map<String, byte[]> objects;
  private URI uri;
  private boolean framing;
  private boolean forgetful;
  private boolean conditional;
  private boolean failing;

  Map<String, byte[]> objects() {
    return objects;
  }

  /** Makes each further write fail after its first byte. */
  void fail() {
    failing = true;
  }

  @Override
  public void initialize(URI name, Configuration configuration) throws IOException {
    super.initialize(name, configuration);
    uri = URI.create(name.getScheme() + "://" + name.getAuthority());
    conditional = configuration.getBoolean(CONDITIONAL, false);
    framing = configuration.getBoolean(FRAMING, false);
    forgetful = configuration.getBoolean(FORGETFUL, false);
    objects = BUCKETS.computeIfAbsent(uri.toString(), bucket -> new ConcurrentSkipListMap<>());
  }

  @Override
  public URI getUri() {
    return uri;
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    if (!overwrite && objects.containsKey(key(path))) {
      throw new FileAlreadyExistsException(path.toString());
    }
    return new FSDataOutputStream(
        new Upload(key(path), (conditional || forgetful) && !overwrite), null);
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    var content = objects.get(key(path));
    if (content == null) {
      throw new FileNotFoundException(path.toString());
    }
    return new FSDataInputStream(new Download(content));
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    var content = objects.get(key(path));
    if (content == null && keysUnder(path).isEmpty()) {
      throw new FileNotFoundException(path.toString());
    }
    return new FileStatus(content == null ? 0 : content.length, content == null, 1, 1, 0, path);
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    var names = new TreeSet<String>();
    for (var key : keysUnder(path)) {
      names.add(key.substring(key(path).length() + 1).split("/", 2)[0]);
    }
    if (names.isEmpty()) {
      throw new FileNotFoundException(path.toString());
    }
    var statuses = new ArrayList<FileStatus>();
    for (var name : names) {
      statuses.add(getFileStatus(new Path(path, name)));
    }
    return statuses.toArray(FileStatus[]::new);
  }

  @Override
  public boolean delete(Path path, boolean recursive) {
    var keys = keysUnder(path);
    keys.add(key(path));
    return objects.keySet().removeAll(keys);
  }

  @Override
  public FSDataOutputStream append(Path path, int bufferSize, Progressable progress) {
    throw new UnsupportedOperationException("append");
  }

  @Override
  public boolean rename(Path source, Path target) {
    throw new UnsupportedOperationException("rename");
  }

  @Override
  public boolean mkdirs(Path path, FsPermission permission) {
    return true;
  }

  @Override
  public void setWorkingDirectory(Path directory) {}

  @Override
  public Path getWorkingDirectory() {
    return new Path(uri + "/");
  }

  private List<String> keysUnder(Path path) {
    return objects.keySet().stream()
        .filter(key -> key.startsWith(key(path) + "/"))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private static String key(Path path) {
    return path.toUri().getPath();
  }

  private final class Upload extends OutputStream implements Abortable, StreamCapabilities {
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    private final String key;
    private final boolean onlyIfAbsent;
    private boolean aborted;

    Upload(String key, boolean onlyIfAbsent) {
      this.key = key;
      this.onlyIfAbsent = onlyIfAbsent;
    }

    @Override
    public void write(int value) throws IOException {
      if (failing && content.size() > 0) {
        throw new IOException("the connection broke");
      }
      content.write(value);
    }

    @Override
    public void close() throws IOException {
      if (aborted) {
        return;
      }
      var object = framing ? framed() : content.toByteArray();
      if (!onlyIfAbsent) {
        objects.put(key, object);
      } else if (objects.putIfAbsent(key, object) != null || forgetful) {
        throw new FileAlreadyExistsException(key);
      }
    }

    private byte[] framed() throws IOException {
      var frame = new ByteArrayOutputStream();
      frame.write("%x;frame\r\n".formatted(content.size()).getBytes(UTF_8));
      content.writeTo(frame);
      return frame.toByteArray();
    }

    @Override
    public AbortableResult abort() {
      aborted = true;
      return new AbortableResult() {
        @Override
        public boolean alreadyClosed() {
          return false;
        }

        @Override
        public IOException anyCleanupException() {
          return null;
        }
      };
    }

    @Override
    public boolean hasCapability(String capability) {
      return capability.equals(StreamCapabilities.ABORTABLE_STREAM);
    }
  }

  private static final class Download extends FSInputStream {
    private final ByteArrayInputStream content;

    Download(byte[] content) {
      this.content = new ByteArrayInputStream(content);
    }

    @Override
    public int read() {
      return content.read();
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
      return content.read(buffer, offset, length);
    }

    @Override
    public void seek(long position) {
      throw new UnsupportedOperationException("seek");
    }

    @Override
    public long getPos() {
      throw new UnsupportedOperationException("getPos");
    }

    @Override
    public boolean seekToNewSource(long position) {
      return false;
    }
  }
}
