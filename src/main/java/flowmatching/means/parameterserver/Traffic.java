package flowmatching.means.parameterserver;

import java.io.Serializable;

/**
 * What a process sent in a round, and how long it waited.
 *
 * @param updates sent in quanta
 * @param bytes of these updates
 * @param zeroShares sum of their shares of values below the threshold, sent as 0
 * @param thresholds sum of their mean thresholds
 * @param waitedNs nanoseconds spent waiting for updates of other processes
 */
public record Traffic(int updates, long bytes, double zeroShares, double thresholds, long waitedNs)
    implements Serializable {
  public static final Traffic NONE = new Traffic(0, 0, 0, 0, 0);

  Traffic sent(GradientCode.Encoded encoded) {
    return plus(new Traffic(1, encoded.body().length, encoded.zeros(), encoded.threshold(), 0));
  }

  Traffic waited(long ns) {
    return plus(new Traffic(0, 0, 0, 0, ns));
  }

  public Traffic plus(Traffic other) {
    return new Traffic(
        updates + other.updates,
        bytes + other.bytes,
        zeroShares + other.zeroShares,
        thresholds + other.thresholds,
        waitedNs + other.waitedNs);
  }
}
