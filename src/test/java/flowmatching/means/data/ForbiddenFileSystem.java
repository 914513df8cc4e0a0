package flowmatching.means.data;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.security.AccessControlException;

/** Local files that may be listed but not read, not even by root. */
public final class ForbiddenFileSystem extends RawLocalFileSystem {
  @Override
  public URI getUri() {
    return URI.create("forbidden:///");
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    throw new AccessControlException("Permission denied: " + path);
  }
}
