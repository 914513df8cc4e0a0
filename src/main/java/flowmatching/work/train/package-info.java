/**
 * Training: checks before a run, shuffled minibatches with fresh noise, data-parallel epochs,
 * validation, previews, metrics and checkpoints.
 */
package flowmatching.work.train;
