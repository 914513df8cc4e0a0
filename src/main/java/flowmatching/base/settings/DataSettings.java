package flowmatching.base.settings;

import java.io.Serializable;

/**
 * Section {@code data}: the images that are trained on.
 *
 * @param path the folder of the data set, local or of any Hadoop file system
 * @param format the name of the Spark data source that reads it
 * @param split which part of the data set is trained on
 * @param limit at most so many images are trained on, those of the lowest ids; {@link
 *     Long#MAX_VALUE} for all
 */
public record DataSettings(String path, String format, Split split, long limit)
    implements Serializable {

  /** The formats that {@code data.format} may name. */
  private enum Format {
    IDX
  }

  static DataSettings read(Reader reader) {
    return new DataSettings(
        reader.value("data.path", Kind.FOLDER),
        reader.value("data.format", Kind.oneOf(Format.class).map(Kind::word)),
        reader.value("data.split", Kind.oneOf(Split.class)),
        reader.value("data.limit", Kind.IMAGES_OR_ALL));
  }
}
