package flowmatching.means.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** Local files that say of themselves what Java says of those that a user may not read. */
public final class UnopenableFileSystem extends RawLocalFileSystem {
  @Override
  public URI getUri() {
    return URI.create("unopenable:///");
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    throw new FileNotFoundException(path.toUri().getPath() + " (Permission denied)");
  }
}
