package flowmatching.means.storage;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.format.Json;
import flowmatching.means.storage.ProcessIdentity.State;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.Timer;
import java.util.TimerTask;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right of one process to write to a folder: a file {@value #NAME} with its holder, which the
 * holder renews every 15 s. The next process takes over a lease that has not changed for 60 s, by
 * its own clock, or at once if the holder was a process on the same machine and has died.
 *
 * <p>The lease of a process that was suspended for more than 60 s may have been taken over, so a
 * holder must {@link #confirm} its lease before it writes.
 */
public final class Lease implements AutoCloseable {
  /** Spark skips files whose names begin with an underscore. */
  public static final String NAME = "_lease.json";

  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);
  private static final Timing TIMING =
      new Timing(Duration.ofSeconds(60), Duration.ofSeconds(15), Duration.ofSeconds(2));
  private static final int FORMAT_VERSION = 1;
  private static final int MAX_BYTES = 1 << 16;
  private static final int POLLS_PER_RENEWAL = 15;

  /**
   * @param term after which a lease that was not renewed has expired
   * @param renewal between two renewals
   * @param settling after which processes that wrote concurrently see the same lease
   */
  record Timing(Duration term, Duration renewal, Duration settling) {}

  /**
   * The content of the file. Its times are for people: no decision depends on them.
   *
   * @param job such as TrainJob
   */
  record Holder(
      int formatVersion,
      String token,
      String job,
      ProcessIdentity process,
      String since,
      String renewed,
      long renewals) {

    @Override
    public String toString() {
      return "%s of %s, since %s, renewed at %s".formatted(job, process, since, renewed);
    }
  }

  private final Folder folder;
  private final String job;
  private final Timing timing;
  private final String token = UUID.randomUUID().toString();
  private final String since = Instant.now().toString();
  private long renewals;
  private boolean renewed = true;
  private Timer renewing;

  /** A lease that has not been taken yet. */
  public Lease(Folder folder, String job) {
    this(folder, job, TIMING);
  }

  Lease(Folder folder, String job, Timing timing) {
    this.folder = folder;
    this.job = job;
    this.timing = timing;
  }

  /**
   * Takes the lease and renews it until it is closed. This takes a minute if the last holder was on
   * another machine and has died.
   *
   * @param exclusive whether only one of several concurrent callers can create a file, see {@link
   *     Folder#checkWritable}; if not, the last writer's lease counts
   * @throws EnvironmentFailure if another process holds it, or the file system fails
   */
  public synchronized void take(boolean exclusive) {
    boolean taken = false;
    while (!taken) {
      taken = tryToTake(exclusive);
    }
    renewing = new Timer("lease", true);
    long period = timing.renewal().toMillis();
    renewing.schedule(
        new TimerTask() {
          @Override
          public void run() {
            renew();
          }
        },
        period,
        period);
  }

  private boolean tryToTake(boolean exclusive) {
    boolean created = folder.createIfAbsent(NAME, content());
    Optional<byte[]> found = created ? Optional.empty() : read();
    // It is also this process's if the file system's answer to the creation was lost.
    if (created || isMine(found)) {
      return exclusive || isSettled();
    }
    if (found.isEmpty() || !hasExpired(found.get())) {
      return false;
    }
    folder.write(NAME, content());
    // Another process may take it over at the same time.
    return isSettled();
  }

  /**
   * Whether the holder of a lease is dead: known at once on its own machine, else after its term.
   *
   * @throws EnvironmentFailure if the holder is alive
   */
  private boolean hasExpired(byte[] lease) {
    switch (holder(lease).map(known -> known.process().state()).orElse(State.UNKNOWN)) {
      case ALIVE -> throw held(lease);
      case DEAD -> {
        LOG.warn(
            "The lease of {} was held by a process that has died: {}", folder, describe(lease));
        return true;
      }
      case UNKNOWN ->
          LOG.info(
              "{} has a lease: {}. Waiting up to {} s to see whether it is still renewed",
              folder,
              describe(lease),
              timing.term().toSeconds());
    }
    long start = System.nanoTime();
    while (System.nanoTime() - start < timing.term().toNanos()) {
      pause(timing.renewal().dividedBy(POLLS_PER_RENEWAL));
      byte[] now = read().orElse(null);
      if (now == null) {
        return false;
      }
      if (!Arrays.equals(now, lease)) {
        throw held(now);
      }
    }
    LOG.warn(
        "Taking over the lease of {}, which was not renewed for {} s: {}",
        folder,
        timing.term().toSeconds(),
        describe(lease));
    return true;
  }

  private EnvironmentFailure held(byte[] lease) {
    return new EnvironmentFailure(
        "Another process writes to %s: %s. Wait until it ends, stop it, or give another output folder. The lease of a process that died expires after %d s. If this folder is a copy of one that is written to, remove %s/%s."
            .formatted(folder, describe(lease), timing.term().toSeconds(), folder, NAME));
  }

  private String describe(byte[] lease) {
    return holder(lease)
        .map(Holder::toString)
        .orElse("a process that %s does not name".formatted(NAME));
  }

  private static Optional<Holder> holder(byte[] lease) {
    try {
      return Optional.of(Json.parse(lease, Holder.class, NAME));
    } catch (DataFailure e) {
      // Another version or a person wrote it: it counts as long as it changes.
      return Optional.empty();
    }
  }

  /** Waits for concurrent writes; whether the lease is this process's afterwards. */
  private boolean isSettled() {
    pause(timing.settling());
    return isMine(read());
  }

  private boolean isMine(Optional<byte[]> lease) {
    return lease.flatMap(Lease::holder).filter(holder -> holder.token().equals(token)).isPresent();
  }

  /**
   * Checks that this process still holds the lease, if it has taken it.
   *
   * @throws EnvironmentFailure if another process has taken it over, or the file system fails
   */
  public synchronized void confirm() {
    if (renewing == null) {
      return;
    }
    Optional<byte[]> found = read();
    if (!isMine(found)) {
      throw new EnvironmentFailure(
          "The lease of %s is no longer this run's: %s. This run was suspended or cut off from the folder for more than %d s, or somebody removed %s, so it stops writing. If no other run is writing there, run the same command again to continue."
              .formatted(
                  folder,
                  found
                      .map(lease -> "it was taken over by " + describe(lease))
                      .orElse("it is gone, perhaps because another run took it over and has ended"),
                  timing.term().toSeconds(),
                  NAME));
    }
  }

  private synchronized void renew() {
    if (renewing == null) {
      return;
    }
    try {
      confirm();
      renewals++;
      folder.write(NAME, content());
      renewed = true;
    } catch (RuntimeException | Error e) {
      // An error must not end the timer. If it lasts, the run fails when it confirms the lease.
      if (renewed) {
        LOG.warn("The lease of {} could not be renewed: {}", folder, e.getMessage());
      }
      renewed = false;
    }
  }

  private byte[] content() {
    return Json.file(
        new Holder(
            FORMAT_VERSION,
            token,
            job,
            ProcessIdentity.ofThis(),
            since,
            Instant.now().toString(),
            renewals));
  }

  private Optional<byte[]> read() {
    try {
      return Optional.of(folder.read(NAME, MAX_BYTES));
    } catch (DataFailure e) {
      if (folder.exists(NAME)) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private void pause(Duration duration) {
    try {
      Thread.sleep(duration.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EnvironmentFailure("The wait for %s was interrupted.".formatted(folder), e);
    }
  }

  /** Releases the lease if it was taken. One that cannot be removed expires. */
  @Override
  public synchronized void close() {
    if (renewing == null) {
      return;
    }
    renewing.cancel();
    renewing = null;
    try {
      if (isMine(read())) {
        folder.delete(NAME);
      }
    } catch (EnvironmentFailure | DataFailure e) {
      LOG.warn("The lease of {} stays until it expires: {}", folder, e.getMessage());
    }
  }
}
