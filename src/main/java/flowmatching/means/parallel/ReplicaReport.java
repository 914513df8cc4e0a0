package flowmatching.means.parallel;

import flowmatching.means.parameterserver.Traffic;
import flowmatching.network.optimiser.TrainingState;
import java.io.Serializable;

/**
 * A replica's report of a round.
 *
 * @param lossSum sum over steps of the mean loss times the number of images
 * @param fingerprint of its state at the end
 * @param state at the end, or null if another replica reports the same state
 * @param traffic of its process, reported by the process's first replica
 */
record ReplicaReport(
    String executor,
    int steps,
    long images,
    double lossSum,
    int fingerprint,
    TrainingState state,
    Traffic traffic,
    Round.Seconds seconds)
    implements Serializable {}
