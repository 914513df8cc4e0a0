/** JSON files, their format versions and differences, and digests. */
package flowmatching.base.format;
