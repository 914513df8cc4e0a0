package flowmatching.means.data;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.LocationText;
import flowmatching.base.settings.Split;
import flowmatching.means.storage.LocalFiles;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The two files of a split: images [N, H, W] or [N, C, H, W], and as many labels [N]. */
record IdxSplit(IdxFile images, IdxFile labels) implements Serializable {
  private static final int LABELS = 1;
  private static final int GREY = 3;
  private static final int COLOUR = 4;

  IdxSplit {
    if (images.header().records() != labels.header().records()) {
      throw new DataFailure(
          "%s, byte 4: found %d labels, expected one per image in %s: %d. The files are not of the same data set: copy or download both again."
              .formatted(
                  labels.path(),
                  labels.header().records(),
                  images.path(),
                  images.header().records()));
    }
  }

  int count() {
    return images.header().records();
  }

  ImageShape shape() {
    var all = images.header().dimensions();
    return all.size() == COLOUR
        ? new ImageShape(all.get(1), all.get(2), all.get(3))
        : new ImageShape(1, all.get(1), all.get(2));
  }

  /**
   * Finds the files of a split in a folder of any file system and checks headers and lengths.
   *
   * @throws ConfigurationFailure if the folder is not a valid path
   * @throws DataFailure if a file is missing or invalid
   * @throws EnvironmentFailure if access is denied or the file system fails
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
          "The folder of images is \"%s\", which is not a path or URI: give a path such as /data/images, or a URI with // after its scheme, such as s3a://bucket/images."
              .formatted(folder),
          e);
    } catch (IOException e) {
      throw StoredBytes.unreadable(new Path(folder), e);
    }
    LocationText.checkEncodable(path.toUri());

    var greyNames = fileNames(split, "images", GREY);
    var colourNames = fileNames(split, "images", COLOUR);
    var labelsNames = fileNames(split, "labels", LABELS);
    Optional<FileStatus> grey = first(files, path, greyNames);
    Optional<FileStatus> colour = first(files, path, colourNames);
    if (grey.isPresent() && colour.isPresent()) {
      throw new DataFailure(
          "%s and %s both exist, and only one can be the images: move the other elsewhere."
              .formatted(grey.get().getPath(), colour.get().getPath()));
    }
    var imagesNames = Stream.concat(greyNames.stream(), colourNames.stream()).toList();
    var missing = new MissingFiles(files, path, split);
    FileStatus images = grey.or(() -> colour).orElseThrow(() -> missing.failure(imagesNames, ""));
    FileStatus labels =
        first(files, path, labelsNames)
            .orElseThrow(
                () ->
                    missing.failure(
                        labelsNames,
                        " Labels are needed, too: for images without labels, N zero bytes."));
    return new IdxSplit(
        IdxFile.inspect(images, grey.isPresent() ? GREY : COLOUR, hadoop),
        IdxFile.inspect(labels, LABELS, hadoop));
  }

  /** The names that a file may have, in order of preference. */
  private static List<String> fileNames(Split split, String content, int dimensions) {
    String prefix = split == Split.TRAIN ? "train" : "t10k";
    // Some archives of MNIST have a dot instead of the second dash.
    return Stream.of("-", ".")
        .map(separator -> prefix + "-" + content + separator + "idx" + dimensions + "-ubyte")
        .flatMap(name -> Stream.of(name, name + ".gz"))
        .toList();
  }

  private static Optional<FileStatus> first(FileSystem files, Path folder, List<String> names) {
    return names.stream()
        .flatMap(name -> status(files, new Path(folder, name)).stream())
        .findFirst();
  }

  private static Optional<FileStatus> status(FileSystem files, Path path) {
    try {
      return LocalFiles.exists(files, path)
          ? Optional.of(files.getFileStatus(path)).filter(FileStatus::isFile)
          : Optional.empty();
    } catch (IOException e) {
      throw StoredBytes.unreadable(path, e);
    }
  }
}
