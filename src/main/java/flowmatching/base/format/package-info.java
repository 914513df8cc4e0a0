/** JSON files, their format versions and differences. */
package flowmatching.base.format;
