/**
 * Training: checks before a run, shuffled minibatches with fresh noise, data-parallel epochs,
 * validation, previews, metrics and checkpoints. {@code TrainingRun} prepares and runs it, {@code
 * EpochLoop} trains, {@code EpochMinibatches} and {@code MinibatchMaker} turn rows into
 * minibatches.
 */
package flowmatching.work.train;
