/**
 * The U-Net that predicts the velocity: settings to DL4J's {@code ComputationGraph}, its layers
 * with their gradients, and initial weights. On processors oneDNN computes the graph's layers.
 * Knows no Spark.
 *
 * <p>A layer has immutable settings ({@link flowmatching.network.dl4j.LayerSettings}) and a
 * function with the gradient next to the forward pass ({@link
 * flowmatching.network.dl4j.LayerFunction}) of ND4J's operations. DL4J sees layers only as {@link
 * flowmatching.network.dl4j.LayerVertex} in its configuration and {@link
 * flowmatching.network.dl4j.FunctionVertex} in its graph.
 */
package flowmatching.network.dl4j;
