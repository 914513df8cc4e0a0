/**
 * The mathematics of flow matching: the path between noise and image, its velocity, random numbers
 * that depend on what they are for and on nothing else, and the solvers that follow a velocity from
 * noise to image. Knows no Spark, no files and no network.
 *
 * <p>Lipman et al. 2022, "Flow Matching for Generative Modeling", arXiv:2210.02747.
 */
package flowmatching.flow;
