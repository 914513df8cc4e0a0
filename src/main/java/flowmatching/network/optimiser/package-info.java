/**
 * Training on flat parameter vectors: Adam, the learning rate, averaged weights, and the training
 * state. Knows no DL4J, no ND4J and no Spark.
 */
package flowmatching.network.optimiser;
