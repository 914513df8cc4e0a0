/** The ND4J backend of this process: which native library it loads, and with how many threads. */
package flowmatching.network.backend;
