/**
 * The U-Net that predicts the velocity, computed by DL4J: settings to a {@code ComputationGraph},
 * its layers with their gradients, and initial weights. Knows no Spark.
 *
 * <p>A layer has immutable settings ({@link flowmatching.network.dl4j.LayerSettings}) and a
 * function with the gradient next to the forward pass ({@link
 * flowmatching.network.dl4j.LayerFunction}). If ND4J's operations are slow on a processor, the
 * layer has a second function, a kernel ({@link flowmatching.network.dl4j.Kernels}). DL4J sees
 * layers only as {@link flowmatching.network.dl4j.LayerVertex} in its configuration and {@link
 * flowmatching.network.dl4j.FunctionVertex} in its graph.
 */
package flowmatching.network.dl4j;
