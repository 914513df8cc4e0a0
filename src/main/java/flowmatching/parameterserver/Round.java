package flowmatching.parameterserver;

import flowmatching.unet.NetworkState;

/**
 * What a round of training gave.
 *
 * @param state the mean of all replicas
 * @param loss the mean over the round's images, each under the parameters of its step
 */
public record Round(NetworkState state, double loss) {}
