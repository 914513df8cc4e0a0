/** Pictures for people and files: the way from noise to 8-bit images, PNG files, contact sheets. */
package flowmatching.means.image;
