package flowmatching.data;

import flowmatching.failure.ConfigurationFailure;
import flowmatching.failure.DataFailure;
import flowmatching.failure.EnvironmentFailure;
import flowmatching.settings.LocationText;
import flowmatching.settings.Split;
import flowmatching.storage.LocalFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The two files of a split: images of dimensions [N, H, W] or [N, C, H, W], and N labels.
 *
 * <p>Where a file is there both plain and as {@code .gz}, the plain one is read.
 */
record IdxSplit(IdxFile images, IdxFile labels) implements Serializable {
  private static final int LABELS = 1;
  private static final int GREY = 3;
  private static final int COLOUR = 4;

  int count() {
    return images.header().records();
  }

  int channels() {
    var dimensions = images.header().dimensions();
    return dimensions.size() == COLOUR ? dimensions.get(1) : 1;
  }

  int height() {
    var dimensions = images.header().dimensions();
    return dimensions.get(dimensions.size() - 2);
  }

  int width() {
    var dimensions = images.header().dimensions();
    return dimensions.get(dimensions.size() - 1);
  }

  /**
   * Finds the files of a split and checks their headers and lengths.
   *
   * @param folder on any Hadoop file system
   * @throws ConfigurationFailure if the folder is no valid path
   * @throws DataFailure if a file is missing or is refused
   * @throws EnvironmentFailure if a file may not be read, or the file system fails
   */
  static IdxSplit find(String folder, Split split, Configuration hadoop) {
    Path path;
    FileSystem files;
    try {
      path = new Path(folder);
      files = LocalFiles.unchecked(path, hadoop);
      path = files.makeQualified(path);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationFailure(
          "The folder of images is \"%s\", which is no path or URI: %s."
              .formatted(folder, e.getMessage()),
          e);
    } catch (IOException e) {
      throw StoredBytes.unreadable(new Path(folder), e);
    }
    LocationText.checkEncodable(path.toUri());

    String greyName = fileName(split, "images", GREY);
    String colourName = fileName(split, "images", COLOUR);
    String labelsName = fileName(split, "labels", LABELS);
    Optional<FileStatus> grey = plainOrCompressed(files, path, greyName);
    Optional<FileStatus> colour = plainOrCompressed(files, path, colourName);
    if (grey.isPresent() && colour.isPresent()) {
      throw new DataFailure(
          "%s and %s are both there, and only one can be the images: move the other elsewhere."
              .formatted(grey.get().getPath(), colour.get().getPath()));
    }
    FileStatus images =
        grey.or(() -> colour).orElseThrow(() -> missing(folder, split, greyName, colourName));
    FileStatus labels =
        plainOrCompressed(files, path, labelsName)
            .orElseThrow(() -> missing(folder, split, labelsName));
    return paired(
        IdxFile.inspect(images, grey.isPresent() ? GREY : COLOUR, hadoop),
        IdxFile.inspect(labels, LABELS, hadoop));
  }

  private static IdxSplit paired(IdxFile images, IdxFile labels) {
    if (images.header().records() != labels.header().records()) {
      throw new DataFailure(
          """
          %s, byte 4: found %d labels, expected as many as there are images in %s: %d. The files \
          are not of one data set: copy or download both anew."""
              .formatted(
                  labels.path(),
                  labels.header().records(),
                  images.path(),
                  images.header().records()));
    }
    return new IdxSplit(images, labels);
  }

  private static String fileName(Split split, String content, int dimensions) {
    // As MNIST's files are named.
    String prefix =
        switch (split) {
          case TRAIN -> "train";
          case TEST -> "t10k";
        };
    return "%s-%s-idx%d-ubyte".formatted(prefix, content, dimensions);
  }

  private static Optional<FileStatus> plainOrCompressed(
      FileSystem files, Path folder, String name) {
    return status(files, new Path(folder, name))
        .or(() -> status(files, new Path(folder, name + ".gz")));
  }

  private static Optional<FileStatus> status(FileSystem files, Path path) {
    try {
      return Optional.of(files.getFileStatus(path)).filter(FileStatus::isFile);
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw StoredBytes.unreadable(path, e);
    }
  }

  private static DataFailure missing(String folder, Split split, String... names) {
    String lookedFor =
        Arrays.stream(names)
            .map(name -> "%s or %s.gz".formatted(name, name))
            .collect(Collectors.joining(" or "));
    return new DataFailure(
        """
        The folder %s has no %s split that user %s can see: looked for %s. Name the folder that \
        holds it, or get Fashion-MNIST: as root on Debian with "apt-get install \
        dataset-fashion-mnist", which puts it in /usr/share/datasets/fashion-mnist, or anywhere \
        with "submit/quickstart.sh --download"."""
            .formatted(folder, split, System.getProperty("user.name"), lookedFor));
  }
}
