package flowmatching.means.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.format.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaseTest {
  private static final Lease.Timing SHORT =
      new Lease.Timing(Duration.ofMillis(1500), Duration.ofMillis(300), Duration.ofMillis(200));

  @TempDir Path directory;
  private Folder folder;

  @BeforeEach
  void open() {
    folder = Folder.of(directory.resolve("run").toString(), new Configuration());
  }

  @Test
  void aSecondWriterFailsAtOnceWithTheHolder() {
    try (var first = new Lease(folder, "TrainJob")) {
      first.take(true);

      // With the real durations: waiting for a term would take a minute.
      assertThatThrownBy(() -> new Lease(folder, "TrainJob").take(true))
          .isInstanceOf(EnvironmentFailure.class)
          .hasMessageContaining("Another process writes to " + folder + ": TrainJob of process ")
          .hasMessageContaining("process " + ProcessHandle.current().pid() + " of user '")
          .hasMessageContaining("on host ")
          .hasMessageContaining("since 20")
          .hasMessageContaining("give another output folder")
          .hasMessageContaining("expires after 60 s");
      first.confirm();
    }
  }

  @Test
  void aReleasedLeaseLeavesNothing() {
    try (var lease = new Lease(folder, "TrainJob")) {
      lease.take(true);
      assertThat(folder.list()).containsExactly(Lease.NAME);
    }
    assertThat(folder.list()).isEmpty();
    try (var next = new Lease(folder, "TrainJob")) {
      next.take(true);
    }
  }

  @Test
  void closingALeaseThatWasNotTakenHasNoEffect() {
    try (var first = new Lease(folder, "TrainJob")) {
      first.take(true);
      new Lease(folder, "TrainJob").close();
      first.confirm();
    }
  }

  @Test
  void theLeaseOfADeadProcessOnThisMachineIsTakenOverAtOnce() throws Exception {
    var process = new ProcessBuilder("sleep", "60").start();
    write(of(process));
    assertThatThrownBy(() -> new Lease(folder, "TrainJob").take(true))
        .isInstanceOf(EnvironmentFailure.class);
    process.destroyForcibly().waitFor();

    // With the real durations: waiting for a term would take a minute.
    try (var lease = new Lease(folder, "TrainJob")) {
      long start = System.nanoTime();
      lease.take(true);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
      lease.confirm();
    }
  }

  @Test
  void aLaterProcessWithTheSameIdIsNotMistakenForTheHolder() {
    var here = ProcessIdentity.ofThis();
    write(
        new ProcessIdentity(
            here.user(), here.host(), here.id(), here.ids(), here.startTicks() - 1));
    try (var lease = new Lease(folder, "TrainJob")) {
      lease.take(true);
    }
  }

  @Test
  void theLeaseOfADeadProcessElsewhereIsTakenOverAfterItsTerm() {
    write(elsewhere());
    try (var lease = new Lease(folder, "TrainJob", SHORT)) {
      long start = System.nanoTime();
      lease.take(true);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(SHORT.term());
      lease.confirm();
    }
  }

  @Test
  void aHolderElsewhereThatRenewsItsLeaseKeepsIt() throws Exception {
    write(elsewhere());
    var renewing = Executors.newSingleThreadScheduledExecutor();
    var renewals =
        renewing.scheduleWithFixedDelay(() -> write(elsewhere()), 500, 500, TimeUnit.MILLISECONDS);
    try {
      assertThatThrownBy(() -> new Lease(folder, "TrainJob", SHORT).take(true))
          .isInstanceOf(EnvironmentFailure.class)
          .hasMessageContaining("process 17 of user 'ann' on host far-away");
    } finally {
      renewals.cancel(false);
      renewing.shutdownNow();
      assertThat(renewing.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aLeaseReleasedDuringTheWaitIsTakenAtOnce() throws Exception {
    write(elsewhere());
    var releasing = Executors.newSingleThreadScheduledExecutor();
    try (var lease = new Lease(folder, "TrainJob")) {
      var released =
          releasing.schedule(() -> folder.delete(Lease.NAME), 500, TimeUnit.MILLISECONDS);
      lease.take(true);
      lease.confirm();
      released.get();
    } finally {
      releasing.shutdownNow();
      assertThat(releasing.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void anUnreadableLeaseExpires() {
    folder.write(
        Lease.NAME, "{\"format_version\": 2, \"owner\": \"a later version\"}".getBytes(UTF_8));
    try (var lease = new Lease(folder, "TrainJob", SHORT)) {
      lease.take(true);
      lease.confirm();
    }
  }

  @Test
  void aLeaseIsRenewed() throws Exception {
    try (var lease = new Lease(folder, "TrainJob", SHORT)) {
      lease.take(true);
      var before = content();
      await().atMost(Duration.ofSeconds(20)).until(() -> !content().equals(before));
      assertThat(content()).contains("\"renewals\" : ");
      lease.confirm();
    }
  }

  @Test
  void aSuspendedHolderFindsOutThatItsLeaseWasTakenOver() {
    try (var suspended = new Lease(folder, "TrainJob")) {
      suspended.take(true);
      write(elsewhere());

      assertThatThrownBy(suspended::confirm)
          .isInstanceOf(EnvironmentFailure.class)
          .hasMessageContaining("The lease of " + folder + " is no longer this run's")
          .hasMessageContaining("it was taken over by TrainJob of process 17")
          .hasMessageContaining("host far-away");
    }
    // The other's lease stays.
    assertThat(folder.exists(Lease.NAME)).isTrue();
  }

  @Test
  void aSuspendedHolderFindsOutThatItsLeaseIsGoneAndDoesNotRenewIt() throws Exception {
    try (var suspended = new Lease(folder, "TrainJob", SHORT)) {
      suspended.take(true);
      folder.delete(Lease.NAME);

      assertThatThrownBy(suspended::confirm)
          .isInstanceOf(EnvironmentFailure.class)
          .hasMessageContaining("is no longer this run's: it is gone");
      Thread.sleep(SHORT.renewal().multipliedBy(3).toMillis());
      assertThat(folder.exists(Lease.NAME)).isFalse();
    }
  }

  @Test
  void aHolderWhoseStoresAnswerWasLostHoldsTheLease() throws Exception {
    var configuration = new Configuration();
    configuration.setClass("fs.s3a.impl", ObjectStore.class, FileSystem.class);
    configuration.setBoolean(ObjectStore.FORGETFUL, true);
    folder = Folder.of("s3a://bucket-" + UUID.randomUUID() + "/run", configuration);
    try (var lease = new Lease(folder, "TrainJob")) {
      lease.take(true);
      lease.confirm();
    }
  }

  @Test
  void ifTwoTakeOverConcurrentlyOneHoldsTheLease() throws Exception {
    write(elsewhere());
    assertOneOfTwoHoldsIt(true);
  }

  @Test
  void onAStoreWithoutConditionalUploadsOneOfTwoHoldsTheLease() throws Exception {
    var configuration = new Configuration();
    configuration.setClass("fs.s3a.impl", ObjectStore.class, FileSystem.class);
    folder = Folder.of("s3a://bucket-" + UUID.randomUUID() + "/run", configuration);
    assertOneOfTwoHoldsIt(false);
  }

  private void assertOneOfTwoHoldsIt(boolean exclusive) throws Exception {
    var rivals = Executors.newFixedThreadPool(2);
    try (var first = new Lease(folder, "TrainJob", SHORT);
        var second = new Lease(folder, "TrainJob", SHORT)) {
      var ofFirst = rivals.submit(taking(first, exclusive));
      var ofSecond = rivals.submit(taking(second, exclusive));
      assertThat(ofFirst.get() ^ ofSecond.get()).isTrue();
      (ofFirst.get() ? first : second).confirm();
    } finally {
      rivals.shutdownNow();
    }
  }

  private static Callable<Boolean> taking(Lease lease, boolean exclusive) {
    return () -> {
      try {
        lease.take(exclusive);
        return true;
      } catch (EnvironmentFailure e) {
        return false;
      }
    };
  }

  private String content() {
    return new String(folder.read(Lease.NAME, 1 << 16), UTF_8);
  }

  private void write(ProcessIdentity process) {
    folder.write(
        Lease.NAME,
        Json.file(
            new Lease.Holder(
                1,
                UUID.randomUUID().toString(),
                "TrainJob",
                process,
                "2026-11-30T09:00:00Z",
                "2026-11-30T09:01:00Z",
                4)));
  }

  private static ProcessIdentity elsewhere() {
    return new ProcessIdentity("ann", "far-away", 17, "another machine", 123);
  }

  private static ProcessIdentity of(Process process) throws Exception {
    var here = ProcessIdentity.ofThis();
    String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
    long start = Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[19]);
    return new ProcessIdentity(here.user(), here.host(), process.pid(), here.ids(), start);
  }
}
