/** JSON files: their versions, what differs between two, and digests. */
package flowmatching.base.format;
