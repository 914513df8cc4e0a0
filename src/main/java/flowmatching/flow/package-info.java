/**
 * The mathematics of flow matching: the path between noise and image and its velocity, the loss,
 * random numbers that depend only on seed, purpose, epoch and id, and ODE solvers. Knows no Spark,
 * no files and no network.
 *
 * <p>Lipman et al. 2022, "Flow Matching for Generative Modeling", arXiv:2210.02747.
 */
package flowmatching.flow;
