package flowmatching.means.data;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.settings.Split;
import flowmatching.means.storage.LocalFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Failures that say which files of a split a folder lacks, and what it has instead. */
record MissingFiles(FileSystem files, Path folder, Split split) {
  private static final int MAX_NAMES = 10;

  /** How to convert data sets that look like MNIST, by the start of their files' names. */
  private static final Map<String, String> ADVICE =
      Map.of(
          "emnist-",
          " EMNIST's images are transposed: swap the rows and columns of each, and give the files"
              + " the names above.",
          "qmnist-",
          " " + IdxHeader.QMNIST);

  /** The failure if there is no file of the wanted names. {@code more} follows them. */
  DataFailure failure(List<String> wanted, String more) {
    return new DataFailure(
        """
        The folder %s has no %s split that user %s can see: looked for %s.%s %s Give the folder \
        that has it, or get Fashion-MNIST: as root on Debian with "apt-get install \
        dataset-fashion-mnist", which installs it in /usr/share/datasets/fashion-mnist, or \
        anywhere with "submit/quickstart.sh --download".\
        """
            .formatted(
                folder,
                split,
                System.getProperty("user.name"),
                String.join(" or ", wanted),
                more,
                content(wanted)));
  }

  private String content(List<String> wanted) {
    try {
      if (files.getFileStatus(folder).isFile()) {
        return "It is a file, not a folder.";
      }
      List<String> names = LocalFiles.names(files, folder);
      if (names.isEmpty()) {
        return "The folder is empty.";
      }
      String first = names.stream().limit(MAX_NAMES).collect(Collectors.joining(", "));
      String rest =
          names.size() > MAX_NAMES ? " and %d more".formatted(names.size() - MAX_NAMES) : "";
      String advice =
          names.stream()
              .flatMap(name -> Stream.ofNullable(ADVICE.get(name.replaceFirst("-.*", "-"))))
              .findFirst()
              .orElse("");
      return "It has %s%s.%s%s".formatted(first, rest, unusable(wanted, names), advice);
    } catch (FileNotFoundException e) {
      return "The folder does not exist.";
    } catch (IOException e) {
      throw StoredBytes.unreadable(folder, e);
    }
  }

  /** What is wrong with entries that have a wanted name and are no files. */
  private String unusable(List<String> wanted, List<String> names) throws IOException {
    var sentences = new StringBuilder();
    for (String name : wanted) {
      var entry = new Path(folder, name);
      if (LocalFiles.isLinkToNothing(files, entry)) {
        sentences.append(" %s is a link to nothing: restore what it names.".formatted(name));
      } else if (names.contains(name) && files.getFileStatus(entry).isDirectory()) {
        sentences.append(" %s is a folder, not a file.".formatted(name));
      }
    }
    return sentences.toString();
  }
}
