package flowmatching.means.data;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.settings.Split;
import flowmatching.means.storage.LocalFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Failures that say which files of a split a folder lacks, and what it has instead. */
record MissingFiles(FileSystem files, Path folder, Split split) {
  private static final int MAX_NAMES = 10;

  DataFailure images(List<String> greyNames, List<String> colourNames) {
    return failure(Stream.concat(greyNames.stream(), colourNames.stream()), "");
  }

  DataFailure labels(List<String> names) {
    return failure(
        names.stream(), " Labels are needed, too: for images without labels, N zero bytes.");
  }

  private DataFailure failure(Stream<String> names, String more) {
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
                names.collect(Collectors.joining(" or ")),
                more,
                content()));
  }

  private String content() {
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
      String advice = Lookalike.among(names).map(set -> " " + set.advice()).orElse("");
      return "It has %s%s.%s".formatted(first, rest, advice);
    } catch (FileNotFoundException e) {
      return "There is no such folder.";
    } catch (IOException e) {
      throw StoredBytes.unreadable(folder, e);
    }
  }
}
