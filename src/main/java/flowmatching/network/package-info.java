/**
 * A network that predicts the velocity, whatever computes it: named parameters, the forward pass,
 * and the loss with its gradient. Knows no DL4J, no ND4J and no Spark.
 */
package flowmatching.network;
