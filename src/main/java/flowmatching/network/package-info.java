/**
 * A network that predicts the velocity, independent of the engine: named parameters, the forward
 * pass, and the loss with its gradient. Knows no DL4J, no ND4J and no Spark.
 */
package flowmatching.network;
