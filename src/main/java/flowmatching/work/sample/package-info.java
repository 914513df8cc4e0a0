/**
 * Samples images into files: the ids of a run are split into ranges, one per Spark task. The files
 * of a range depend only on the run's identity and the ids. {@code SampleRun} is the driver's part,
 * {@code RangeTask} runs on executors, {@code Sampler} has the network of one of their threads.
 */
package flowmatching.work.sample;
