/**
 * Training: images to shuffled minibatches with fresh noise, epochs through the parameter server,
 * validation, previews, metrics and checkpoints.
 */
package flowmatching.work.train;
