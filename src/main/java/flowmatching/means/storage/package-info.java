/**
 * Whole-or-nothing writes on any Hadoop filesystem, and the forms of what is written: JSON files
 * and digests.
 *
 * <p>{@link flowmatching.means.storage.Folder} is the only door to a run's outputs: whatever a
 * reader sees under a name was written to its end.
 */
package flowmatching.means.storage;
