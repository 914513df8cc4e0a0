/**
 * Measures how good samples are: their Fréchet distance to real images by the features of a
 * classifier, computed on the executors, beside the distances of other real images and of noise.
 */
package flowmatching.work.evaluate;
