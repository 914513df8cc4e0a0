package flowmatching;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.s3a.S3AFileSystem;
import org.apache.spark.TaskContext;

/** S3A, in which each task's first attempt fails when it has made all its images. */
public final class FailingS3A extends S3AFileSystem {
  @Override
  @SuppressWarnings("rawtypes") // as S3A declares it
  public FSDataOutputStreamBuilder createFile(Path path) {
    var task = TaskContext.get();
    if (task != null && task.attemptNumber() == 0 && path.getName().endsWith(".parquet")) {
      throw new UncheckedIOException(new IOException("the test has cut the connection"));
    }
    return super.createFile(path);
  }
}
