/**
 * Data-parallel training on Spark: rounds of steps that all replicas of a network make together, in
 * a barrier stage, and what to do where some of them are lost.
 */
package flowmatching.means.parallel;
