/**
 * The check of a cluster before a training run: compares Spark's options and the facts of each
 * process with the run's requirements. Each step reports all its failures in one message.
 */
package flowmatching.means.preflight;
