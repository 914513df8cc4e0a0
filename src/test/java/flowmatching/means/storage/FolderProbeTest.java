package flowmatching.means.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.EnvironmentFailure;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;

class FolderProbeTest {
  @Test
  void aFailureIsPassedOnUnchanged() {
    var failure = new EnvironmentFailure("There are no locks.");
    var probe = new FolderProbe(new Path("file:///"), new Configuration());

    assertThatThrownBy(
            () ->
                probe.withoutRetries(
                    any -> {
                      throw failure;
                    }))
        .isSameAs(failure);
  }

  @Test
  void aStoreThatDoesNotAnswerIsReportedWithinTenSeconds() throws Exception {
    // It accepts connections but never answers, like a server that hangs.
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      var configuration = new Configuration();
      configuration.set("fs.s3a.endpoint", "http://127.0.0.1:" + silent.getLocalPort());
      configuration.set("fs.s3a.endpoint.region", "us-east-1");
      configuration.set("fs.s3a.path.style.access", "true");
      configuration.set("fs.s3a.access.key", "any");
      configuration.set("fs.s3a.secret.key", "hush");
      Folder folder = Folder.of("s3a://bucket/out", configuration);

      long start = System.nanoTime();
      assertThatThrownBy(folder::checkWritable)
          .isInstanceOf(EnvironmentFailure.class)
          .hasMessageContaining("no answer within 8 s")
          .hasMessageNotContaining("hush");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }
  }
}
