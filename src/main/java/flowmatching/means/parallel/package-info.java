/**
 * Data-parallel training on Spark: rounds of steps that all replicas of a network make together, in
 * a barrier stage, with retries after the loss of replicas.
 */
package flowmatching.means.parallel;
