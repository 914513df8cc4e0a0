package flowmatching.means.data;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.settings.Split;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fashion-MNIST's size and SHA-256 digests per {@link Split}. The digests are those of the
 * uncompressed files, because the compressed ones differ between distributors.
 */
enum FashionMnist {
  TRAIN(
      60_000,
      "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
      "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
  TEST(
      10_000,
      "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
      "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34");

  private static final Logger LOG = LoggerFactory.getLogger(FashionMnist.class);
  private static final String FOLDER = "fashion-mnist";

  private final int count;
  private final String imagesSha256;
  private final String labelsSha256;

  FashionMnist(int count, String imagesSha256, String labelsSha256) {
    this.count = count;
    this.imagesSha256 = imagesSha256;
    this.labelsSha256 = labelsSha256;
  }

  /**
   * Whether files with these digests are Fashion-MNIST's. Logs a warning for other files of the
   * same dimensions, such as MNIST's.
   *
   * @throws DataFailure if they are not, but their folder is called {@code fashion-mnist}
   */
  boolean recognises(IdxSplit files, String imagesFound, String labelsFound) {
    if (imagesSha256.equals(imagesFound) && labelsSha256.equals(labelsFound)) {
      return true;
    }
    Path images = files.images().path();
    if (images.getParent().getName().equals(FOLDER)) {
      throw imagesSha256.equals(imagesFound)
          ? impostor(files.labels().path(), labelsFound, labelsSha256)
          : impostor(images, imagesFound, imagesSha256);
    }
    if (files.images().header().dimensions().equals(List.of(count, 28, 28))) {
      LOG.warn(
          "{} has the dimensions of Fashion-MNIST, but it or its labels are other data (SHA-256 {}"
              + " and {}). Using it anyway",
          images,
          imagesFound,
          labelsFound);
    }
    return false;
  }

  private static DataFailure impostor(Path path, String found, String expected) {
    return new DataFailure(
        "%s is not Fashion-MNIST's: found SHA-256 %s, expected %s (of the uncompressed file). Install it again, or rename the folder if it should hold other images."
            .formatted(path, found, expected));
  }
}
