/**
 * Pictures for people and files: 8-bit images of the network's values, PNG files, contact sheets.
 */
package flowmatching.image;
