package flowmatching.means.data;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.Split;
import flowmatching.means.storage.Folder;
import java.util.OptionalInt;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Images with labels that were read once from end to end, so that a job which starts on them does
 * not fail on a broken file halfway.
 *
 * @param folder where the files are, as a full URI
 * @param split the half of the data set
 * @param count images, from id 0 on; fewer than the files hold where a limit was given
 * @param channels C of an image [C, H, W]
 * @param height H, in pixels
 * @param width W, in pixels
 * @param imagesSha256 SHA-256 of the whole uncompressed file of images, in lower-case hexadecimal
 * @param labelsSha256 the same of the file of labels
 * @param fashionMnist whether the digests are those of Fashion-MNIST
 */
public record ImageSet(
    String folder,
    Split split,
    int count,
    int channels,
    int height,
    int width,
    String imagesSha256,
    String labelsSha256,
    boolean fashionMnist) {

  /** Red, green, blue and opacity. */
  private static final int MOST_CHANNELS = 4;

  private static final String REORDER =
      "the channels seem to come last, and the order must be [N, C, H, W]: move them before height and width, by NumPy with images.transpose(0, 3, 1, 2), and write the file again";

  /**
   * Finds, reads and checks the files of a split.
   *
   * @param folder a folder of IDX files on any Hadoop file system, see {@link IdxDataSource}
   * @param limit the most images to use, at least 1; empty for all
   * @throws ConfigurationFailure if the folder is no valid path or the limit is less than 1
   * @throws DataFailure if a file is missing, is damaged, or lies in a folder called {@code
   *     fashion-mnist} and is not of that data set
   * @throws EnvironmentFailure if a file may not be read, or its file system fails; of an object
   *     store that is away before anything was read, within seconds
   */
  public static ImageSet open(SparkSession spark, String folder, Split split, OptionalInt limit) {
    int most = limit.orElse(Integer.MAX_VALUE);
    if (most < 1) {
      throw new ConfigurationFailure(
          "The limit of images is %d; allowed are 1 to %d, or no limit for all images."
              .formatted(most, Integer.MAX_VALUE));
    }
    var hadoop = spark.sessionState().newHadoopConf();
    Folder.checkStore(folder, hadoop);
    var files = IdxSplit.find(folder, split, hadoop);
    String imagesSha256 = files.images().sha256(hadoop);
    String labelsSha256 = files.labels().sha256(hadoop);
    return new ImageSet(
        files.images().path().getParent().toString(),
        split,
        Math.min(files.count(), most),
        files.channels(),
        files.height(),
        files.width(),
        imagesSha256,
        labelsSha256,
        FashionMnist.of(split).recognises(files, imagesSha256, labelsSha256));
  }

  /** What a person calls the data: Fashion-MNIST if it is that, else the folder. */
  public String name() {
    return fashionMnist ? "Fashion-MNIST" : folder;
  }

  /** The shape [C, H, W] of each image. */
  public ImageShape shape() {
    return new ImageShape(channels, height, width);
  }

  /**
   * Demands images of a shape.
   *
   * @param taker what takes it, with a verb: {@code "model.image is"}
   * @param fix what to do about images of another shape
   * @throws DataFailure if the images are of another shape; it says so if they seem to be [H, W, C]
   */
  public void demand(ImageShape wanted, String taker, String fix) {
    if (!shape().equals(wanted)) {
      throw new DataFailure(
          "The images in %s are %s, and %s %s: %s."
              .formatted(folder, shape(), taker, wanted, channelsSeemLast() ? REORDER : fix));
    }
  }

  private boolean channelsSeemLast() {
    return channels > MOST_CHANNELS && width <= MOST_CHANNELS;
  }

  /**
   * The images as rows (id long, label int, pixels binary of C * H * W bytes), see {@link
   * IdxDataSource}.
   *
   * @param partitions the most ranges of ids to read them in, at least 1
   */
  public Dataset<Row> rows(SparkSession spark, int partitions) {
    return spark
        .read()
        .format(IdxDataSource.NAME)
        .option(IdxOptions.SPLIT, split.toString())
        .option(IdxOptions.LIMIT, count)
        .option(IdxOptions.PARTITIONS, partitions)
        .load(folder);
  }
}
