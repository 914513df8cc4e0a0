package flowmatching.means.data;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.security.AccessControlException;

/** The local files, which may be listed but not read; unlike file modes, it binds root too. */
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
