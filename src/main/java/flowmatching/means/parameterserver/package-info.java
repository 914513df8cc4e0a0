/** DL4J's parameter server, made dependable: gradients of several processes become their sum. */
package flowmatching.means.parameterserver;
