package flowmatching.work.sample;

import flowmatching.means.storage.Folder;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** A kind of file that holds images, in the order in which {@link SampleFiles} looks for them. */
enum StoredFormat {
  PARQUET("part-*.parquet", "part-.*\\.parquet"),
  TAR("*.tar", ".*\\.tar"),
  PNG_LIST("part-*.json", "part-.*\\.json"),
  PNG("png/*.png", ImageNames.PICTURE);

  private final String files;
  private final Pattern pattern;

  StoredFormat(String files, String pattern) {
    this.files = files;
    this.pattern = Pattern.compile(pattern);
  }

  /** The formats of a run with an {@code identity.json}. */
  static List<StoredFormat> ofRun() {
    return List.of(values());
  }

  /** The formats of any folder: only a run's lists name all its pictures. */
  static List<StoredFormat> ofFolder() {
    return List.of(PARQUET, TAR, PNG);
  }

  /** The folder of files of this format, in a run's folder or the same. */
  Folder in(Folder run) {
    return this == PNG ? run.child(ImageNames.FOLDER) : run;
  }

  /** The formats after this one that any folder has files of. */
  List<StoredFormat> laterIn(Folder run) {
    return ofFolder().stream()
        .filter(other -> other.compareTo(this) > 0 && !other.names(other.in(run)).isEmpty())
        .toList();
  }

  /** The names of files of this format in a folder. */
  List<String> names(Folder folder) {
    return folder.list().stream().filter(name -> pattern.matcher(name).matches()).toList();
  }

  /**
   * The ids of the images of a file. PNG files are not read: their names or their list have the
   * ids.
   *
   * @throws flowmatching.base.failure.DataFailure if the file is missing or damaged
   */
  LongStream ids(Folder folder, String name) {
    String origin = folder + "/" + name;
    return switch (this) {
      case PARQUET, TAR -> read(folder, name).mapToLong(StoredImage::id);
      case PNG_LIST ->
          PngList.read(RangeObject.read(folder, name), origin).images().stream()
              .mapToLong(PngList.Entry::id);
      case PNG -> LongStream.of(ImageNames.id(name, origin));
    };
  }

  /** The images of a file; it fails as {@link #ids} does. */
  Stream<StoredImage> read(Folder folder, String name) {
    return switch (this) {
      case PARQUET -> RangeObject.PARQUET.images(folder, name);
      case TAR -> RangeObject.TAR.images(folder, name);
      case PNG_LIST -> RangeObject.PNG_LIST.images(folder, name);
      case PNG -> {
        long id = ImageNames.id(name, folder + "/" + name);
        byte[] png = folder.read(name, PngList.MAX_PNG_BYTES);
        yield Stream.of(new StoredImage(id, Optional.empty(), png, OptionalInt.empty()));
      }
    };
  }

  /** The names of its files, with wildcards, for messages. */
  @Override
  public String toString() {
    return files;
  }
}
