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

/** Says what a folder lacks for a split, and what is in it instead. */
record MissingFiles(FileSystem files, Path folder, Split split) {
  private static final int MOST_NAMES = 10;

  DataFailure images(List<String> greyNames, List<String> colourNames) {
    return failure(Stream.concat(greyNames.stream(), colourNames.stream()), "");
  }

  DataFailure labels(List<String> names) {
    return failure(
        names.stream(), " Labels are needed, too: for images without any, N bytes that are zero.");
  }

  private DataFailure failure(Stream<String> names, String more) {
    return new DataFailure(
        """
        The folder %s has no %s split that user %s can see: looked for %s.%s %s Name the folder \
        that holds it, or get Fashion-MNIST: as root on Debian with "apt-get install \
        dataset-fashion-mnist", which puts it in /usr/share/datasets/fashion-mnist, or anywhere \
        with "submit/quickstart.sh --download"."""
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
      String first = names.stream().limit(MOST_NAMES).collect(Collectors.joining(", "));
      String rest =
          names.size() > MOST_NAMES ? " and %d more".formatted(names.size() - MOST_NAMES) : "";
      String advice = Lookalike.among(names).map(set -> " " + set.advice()).orElse("");
      return "It holds %s%s.%s".formatted(first, rest, advice);
    } catch (FileNotFoundException e) {
      return "There is no such folder.";
    } catch (IOException e) {
      throw StoredBytes.unreadable(folder, e);
    }
  }
}
