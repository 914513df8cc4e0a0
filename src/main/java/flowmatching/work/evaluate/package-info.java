/**
 * How good images are: the Fréchet distance between two sets of them by the features of a
 * classifier, computed where the images are, with what it is for real images and for noise.
 */
package flowmatching.work.evaluate;
