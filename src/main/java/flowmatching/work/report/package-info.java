/**
 * A page of what a run has left behind: read from its files, so that it shows what is there,
 * whoever wrote it.
 */
package flowmatching.work.report;
