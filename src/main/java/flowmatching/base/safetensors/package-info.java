/** Named tensors as safetensors files. Files are not trusted. */
package flowmatching.base.safetensors;
