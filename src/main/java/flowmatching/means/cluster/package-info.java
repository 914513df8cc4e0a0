/**
 * Spark's executors as jobs see them: task slots, GPUs, barrier stages whose waits are bounded, how
 * tasks failed, and how far they are.
 */
package flowmatching.means.cluster;
