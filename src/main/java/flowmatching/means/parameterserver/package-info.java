/** Sums the gradients of several processes with DL4J's parameter server, made dependable. */
package flowmatching.means.parameterserver;
