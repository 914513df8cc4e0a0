/**
 * Whole-or-nothing writes on any Hadoop file system.
 *
 * <p>All output of a run goes through {@link flowmatching.means.storage.Folder}, so a file that a
 * reader finds was written to its end.
 */
package flowmatching.means.storage;
