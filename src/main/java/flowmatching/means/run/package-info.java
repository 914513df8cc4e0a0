/** The files in the folder of a run: their names, and the records that are their schemas. */
package flowmatching.means.run;
