/** An HTML page about a run, made from the files in its folder alone. */
package flowmatching.work.report;
