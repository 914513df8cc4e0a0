package flowmatching.work.sample;

import flowmatching.means.storage.Folder;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A kind of file that holds images, in the order in which {@link SampleFiles} looks for them. */
enum StoredFormat {
  PARQUET("part-.*\\.parquet"),
  TAR(".*\\.tar"),
  PNG(ImageNames.PICTURE);

  private static final int MAX_PNG_BYTES = 64 << 20;

  private final Pattern pattern;

  StoredFormat(String pattern) {
    this.pattern = Pattern.compile(pattern);
  }

  /** The names of files of this format in a folder. */
  List<String> names(Folder folder) {
    return folder.list().stream().filter(name -> pattern.matcher(name).matches()).toList();
  }

  /**
   * The images of a file.
   *
   * @throws flowmatching.base.failure.DataFailure if the file is missing or damaged
   */
  Stream<StoredImage> read(Folder folder, String name) {
    return switch (this) {
      case PARQUET -> RangeObject.PARQUET.images(folder, name);
      case TAR -> RangeObject.TAR.images(folder, name);
      case PNG -> {
        long id = ImageNames.id(name, folder + "/" + name);
        yield Stream.of(new StoredImage(id, folder.read(name, MAX_PNG_BYTES), OptionalInt.empty()));
      }
    };
  }
}
