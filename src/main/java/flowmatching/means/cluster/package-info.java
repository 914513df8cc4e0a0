/** Spark's executors: task slots, GPUs, barrier stages with bounded waits, failures, progress. */
package flowmatching.means.cluster;
