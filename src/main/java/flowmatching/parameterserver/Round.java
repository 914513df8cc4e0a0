package flowmatching.parameterserver;

import flowmatching.unet.NetworkState;

/**
 * What a round of training gave.
 *
 * @param state the mean of all replicas
 * @param loss the mean over the round's images, each under the parameters of its step
 * @param drift how far apart the replicas were at its end: root mean square over the weights
 */
public record Round(NetworkState state, double loss, double drift) {}
