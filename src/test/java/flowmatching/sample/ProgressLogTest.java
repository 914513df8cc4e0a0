package flowmatching.sample;

import static org.assertj.core.api.Assertions.assertThat;

import flowmatching.CapturedLog;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressLogTest {
  private final AtomicLong now = new AtomicLong(-7);
  private final ProgressLog progress = new ProgressLog(100, now::get);

  @Test
  void saysHowManyHowFastAndHowLongStillButNotAtOnceAgain() {
    try (CapturedLog log = new CapturedLog(ProgressLog.class)) {
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
  void tasksThatRunTwiceDoNotMakeMoreThanAll() {
    try (CapturedLog log = new CapturedLog(ProgressLog.class)) {
      at(10, 120);
      assertThat(log.messages()).containsExactly("100 of 100 images, 10.0 images/s, 0 s left");
    }
  }

  private void at(int second, long made) {
    now.addAndGet(TimeUnit.SECONDS.toNanos(second) - Math.round(progress.seconds() * 1e9));
    progress.say(made);
  }
}
