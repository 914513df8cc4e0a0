/**
 * The set-up of ND4J in a process: its backend, native library, threads and GPU, and the {@link
 * flowmatching.network.backend.NumericIdentity} that results depend on.
 */
package flowmatching.network.backend;
