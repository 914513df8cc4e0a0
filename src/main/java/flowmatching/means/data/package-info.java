/**
 * Images from IDX files: the Spark data source {@code idx}, and {@link
 * flowmatching.means.data.ImageSet}, a data set whose files were read once from end to end and are
 * known by their digests.
 *
 * <p>The files are untrusted. Headers and lengths are checked on the driver before Spark plans a
 * read; nothing is allocated or decompressed beyond what a checked header promises. Every fault of
 * a file is a {@link flowmatching.base.failure.DataFailure} that names the file and the byte. A
 * file system that refuses or fails is an {@link flowmatching.base.failure.EnvironmentFailure}.
 */
package flowmatching.means.data;
