/**
 * Samples images into files: the ids of a run are split into ranges, one per Spark task. The files
 * of a range depend only on the run's identity and the ids.
 *
 * <p>{@link flowmatching.work.sample.SampleRun} is the driver's part, {@link
 * flowmatching.work.sample.RangeTask} runs on executors, {@link flowmatching.work.sample.Sampler}
 * has the network of one of their threads.
 */
package flowmatching.work.sample;
