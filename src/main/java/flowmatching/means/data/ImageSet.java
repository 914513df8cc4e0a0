package flowmatching.means.data;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.Split;
import flowmatching.means.storage.Folder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Images with labels whose files were read from end to end, so that a job that starts on them does
 * not fail on a damaged file halfway.
 *
 * @param folder of the files, as a full URI
 * @param count number of images, from id 0 on; the files may have more
 * @param shape [C, H, W] of each image
 * @param imagesSha256 SHA-256 of the whole uncompressed file of images, in lower-case hexadecimal
 * @param labelsSha256 SHA-256 of the file of labels
 * @param fashionMnist whether the digests are those of Fashion-MNIST
 */
public record ImageSet(
    String folder,
    Split split,
    int count,
    ImageShape shape,
    String imagesSha256,
    String labelsSha256,
    boolean fashionMnist) {

  /** Red, green, blue and opacity. */
  private static final int MAX_CHANNELS = 4;

  private static final String REORDER =
      "the channels seem to come last, but the order must be [N, C, H, W]: move them before height"
          + " and width, in NumPy with images.transpose(0, 3, 1, 2), and write the file again";

  /**
   * Finds, reads and checks the files of a split.
   *
   * @param folder of IDX files on any Hadoop file system, see {@link IdxDataSource}
   * @throws ConfigurationFailure if the folder is not a valid path
   * @throws DataFailure if a file is missing or damaged, or is in a folder called {@code
   *     fashion-mnist} and is not of that data set
   * @throws EnvironmentFailure if access is denied or the file system fails; within seconds if it
   *     is an object store that cannot be reached
   */
  public static ImageSet open(SparkSession spark, String folder, Split split) {
    var hadoop = spark.sessionState().newHadoopConf();
    Folder.checkStore(folder, hadoop);
    var files = IdxSplit.find(folder, split, hadoop);
    String imagesSha256 = files.images().sha256(hadoop);
    String labelsSha256 = files.labels().sha256(hadoop);
    return new ImageSet(
        files.images().path().getParent().toString(),
        split,
        files.count(),
        files.shape(),
        imagesSha256,
        labelsSha256,
        FashionMnist.valueOf(split.name()).recognises(files, imagesSha256, labelsSha256));
  }

  /** For people: Fashion-MNIST if it is that, else the folder. */
  public String name() {
    return fashionMnist ? "Fashion-MNIST" : folder;
  }

  /** The images with the lowest ids. */
  public ImageSet lowest(long max) {
    int lowest = (int) Math.min(max, count);
    return new ImageSet(folder, split, lowest, shape, imagesSha256, labelsSha256, fashionMnist);
  }

  /**
   * Checks the shape of the images.
   *
   * @param taker what needs that shape, with a verb: {@code "model.image is"}
   * @param fix what to do if the images are of another shape
   * @throws DataFailure if they are; it says so if they seem to be [H, W, C]
   */
  public void demand(ImageShape wanted, String taker, String fix) {
    if (!shape.equals(wanted)) {
      boolean channelsSeemLast = shape.channels() > MAX_CHANNELS && shape.width() <= MAX_CHANNELS;
      throw new DataFailure(
          "The %s images in %s are %s, but %s %s: %s."
              .formatted(split, folder, shape, taker, wanted, channelsSeemLast ? REORDER : fix));
    }
  }

  /** The images as rows of {@link IdxDataSource}, which {@link LabelledImage#of} reads. */
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
