package flowmatching.base.settings;

import java.io.Serializable;

/**
 * Section {@code data}: the training images.
 *
 * @param path the folder of the data set, on any Hadoop file system
 * @param split the part of the data set to train on
 * @param limit the largest number of images, those with the lowest ids; {@link Long#MAX_VALUE} for
 *     all
 */
public record DataSettings(String path, Split split, long limit) implements Serializable {
  static DataSettings read(Reader reader) {
    // Earlier versions had this key, with this one value.
    reader.value("data.format", Kind.string("idx, or not set", "idx"::equals), "idx");
    return new DataSettings(
        reader.value("data.path", Kind.FOLDER),
        reader.value("data.split", Kind.oneOf(Split.class)),
        reader.value("data.limit", Kind.IMAGES_OR_ALL));
  }
}
