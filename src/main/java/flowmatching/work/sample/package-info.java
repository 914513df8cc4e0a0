/**
 * From ids to images to files: a run's ids are cut into ranges, each range is one Spark task, and
 * whatever a task makes depends on the run's identity and its ids alone.
 *
 * <p>{@link flowmatching.work.sample.SampleRun} is the driver's part, {@link
 * flowmatching.work.sample.RangeTask} what executors do, {@link flowmatching.work.sample.Sampler}
 * the network of one of their threads.
 */
package flowmatching.work.sample;
