package flowmatching.means.parallel;

import flowmatching.base.settings.ModelSettings;
import flowmatching.base.settings.UdpPorts;
import flowmatching.network.backend.NumericIdentity;
import flowmatching.network.optimiser.Adam;
import flowmatching.network.optimiser.ExponentialAverage;
import java.io.Serializable;

/**
 * Settings that are the same in all rounds of a training.
 *
 * @param average of the parameters that each replica keeps
 * @param shareGradients in each step; else a round ends with the mean of the replicas' states
 * @param threshold of quantised gradients, as a share of the root mean square
 * @param patienceS seconds that a replica waits for others at most
 */
public record Plan(
    ModelSettings model,
    Adam optimiser,
    ExponentialAverage average,
    NumericIdentity numerics,
    boolean shareGradients,
    double threshold,
    UdpPorts udpPorts,
    int patienceS)
    implements Serializable {}
