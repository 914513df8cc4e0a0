/**
 * The U-Net that predicts the velocity: settings to a DL4J {@code ComputationGraph}, its layers
 * with their gradients, initial weights, and weights to and from safetensors. Knows no Spark.
 *
 * <p>A layer is its settings, an immutable record that DL4J stores and sends ({@link
 * flowmatching.network.dl4j.LayerSettings}), and its function with the gradient beside the forward
 * pass ({@link flowmatching.network.dl4j.LayerFunction}); where ND4J's operations are slow on the
 * host it has a second function, a kernel ({@link flowmatching.network.dl4j.Kernels}). {@link
 * flowmatching.network.dl4j.LayerVertex} and {@link flowmatching.network.dl4j.FunctionVertex} are
 * all that DL4J sees of them.
 */
package flowmatching.network.dl4j;
