/** Tools for developers: the benchmark of the network and the training of the classifier. */
package flowmatching.tools;
