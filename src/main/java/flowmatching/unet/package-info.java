/**
 * The U-Net that predicts the velocity: settings to a DL4J {@code ComputationGraph}, its layers
 * with their gradients, initial weights, and weights to and from safetensors. Knows no Spark.
 *
 * <p>A layer is its settings, an immutable record that DL4J stores and sends ({@link
 * flowmatching.unet.LayerSettings}), and its function with the gradient beside the forward pass
 * ({@link flowmatching.unet.LayerFunction}); where ND4J's operations are slow on the host it has a
 * second function, a kernel ({@link flowmatching.unet.Kernels}). {@link
 * flowmatching.unet.LayerVertex} and {@link flowmatching.unet.FunctionVertex} are all that DL4J
 * sees of them.
 */
package flowmatching.unet;
