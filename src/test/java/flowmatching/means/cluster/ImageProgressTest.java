package flowmatching.means.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import flowmatching.CapturedLog;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ImageProgressTest {
  private final AtomicLong now = new AtomicLong(-7);
  private final ImageProgress progress = new ImageProgress(OptionalLong.of(100), now::get);

  @Test
  void logsCountSpeedAndTimeLeftAtMostEveryFewSeconds() {
    try (CapturedLog log = new CapturedLog(ImageProgress.class)) {
      at(4, 10);
      at(8, 20);
      at(12, 30);
      at(40, 80);
      assertThat(log.messages())
          .containsExactly(
              "20 of 100 images, 2.5 images/s, 32 s left",
              "80 of 100 images, 2.0 images/s, 10 s left");
    }
  }

  @Test
  void tasksThatRunTwiceDoNotCountBeyondTheTotal() {
    try (CapturedLog log = new CapturedLog(ImageProgress.class)) {
      at(10, 120);
      assertThat(log.messages()).containsExactly("100 of 100 images, 10.0 images/s, 0 s left");
    }
  }

  @Test
  void anUnknownTotalLeavesOutTheTimeLeft() {
    try (CapturedLog log = new CapturedLog(ImageProgress.class)) {
      at(new ImageProgress(OptionalLong.empty(), now::get), 8, 20);
      assertThat(log.messages()).containsExactly("20 images, 2.5 images/s");
    }
  }

  private void at(int second, long images) {
    at(progress, second, images);
  }

  private void at(ImageProgress progress, int second, long images) {
    now.addAndGet(TimeUnit.SECONDS.toNanos(second) - Math.round(progress.seconds() * 1e9));
    progress.log(images);
  }
}
