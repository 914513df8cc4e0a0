/**
 * Images from IDX files: the Spark data source {@code idx}, and {@link
 * flowmatching.means.data.ImageSet}, which is identified by its digests.
 *
 * <p>The files are untrusted. Headers and lengths are checked on the driver before Spark plans a
 * read, and no more is allocated or decompressed than a checked header says. Every fault of a file
 * is a {@link flowmatching.base.failure.DataFailure} with the file and the byte. Denied access or a
 * failing file system is an {@link flowmatching.base.failure.EnvironmentFailure}.
 */
package flowmatching.means.data;
