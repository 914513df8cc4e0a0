/**
 * How a network learns from gradients: the optimiser's step on flat vectors, the learning rate,
 * averaged weights, and the state of a training under names. Knows no DL4J, no ND4J and no Spark.
 */
package flowmatching.network.optimiser;
