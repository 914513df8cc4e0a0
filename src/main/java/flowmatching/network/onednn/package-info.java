/** The U-Net computed by oneDNN on the processor, with activations in oneDNN's layouts. */
package flowmatching.network.onednn;
