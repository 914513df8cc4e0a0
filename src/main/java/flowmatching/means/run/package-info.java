/** What a folder of a run holds, for those who write it and those who read it. */
package flowmatching.means.run;
