/**
 * Trained networks as files: a folder of {@code model.json}, the settings from which the graph is
 * rebuilt, and {@code model.safetensors}, its weights under PyTorch's names.
 *
 * <p>The files are untrusted. Lengths are checked before memory is allocated, the digest before
 * anything is parsed, and every tensor against the settings.
 */
package flowmatching.means.model;
