package flowmatching.means.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** Local files without read permission, with Java's exception. */
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
