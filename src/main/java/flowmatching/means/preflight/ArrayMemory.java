package flowmatching.means.preflight;

import flowmatching.base.settings.TrainSettings;
import flowmatching.network.ThreadedNetwork;

/**
 * What the arrays of each process need, outside its heap or on its GPU.
 *
 * @param replicas that train together
 * @param threads per replica
 */
record ArrayMemory(Census census, TrainSettings train, MemoryNeed need, int replicas, int threads) {
  /** Validation uses full batches, and keeps half of what training keeps per image. */
  private static final int LEAST_IMAGES = ThreadedNetwork.PIECE_IMAGES / 2;

  /** Bytes that a process needs. */
  long of(ProcessFacts process) {
    if (census.isDriver(process) && !census.executors().isEmpty()) {
      return need.ofArrays(1, train.preview().count(), 1);
    }
    int images = Math.max(train.batchSize() / replicas, LEAST_IMAGES);
    return need.ofArrays(Math.min(census.slotsOf(process), replicas), images, threads);
  }
}
