/** Named tensors as safetensors files, which may be anyone's. */
package flowmatching.base.safetensors;
