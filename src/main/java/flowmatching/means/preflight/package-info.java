/**
 * The check of a cluster before a training run: what Spark, the driver and each executor are really
 * set to, held against what the run needs. What a step of it finds wrong is told in one message.
 */
package flowmatching.means.preflight;
