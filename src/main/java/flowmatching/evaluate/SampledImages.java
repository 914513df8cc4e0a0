package flowmatching.evaluate;

import flowmatching.failure.DataFailure;
import flowmatching.image.Image;
import flowmatching.image.Png;
import flowmatching.settings.ImageShape;
import flowmatching.storage.Folder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The images that SampleJob has written, of whichever of its formats is there. */
final class SampledImages {
  private static final Pattern NUMBER = Pattern.compile("(\\d{1,18})\\.png");

  private SampledImages() {}

  /**
   * The images of a folder.
   *
   * @param shape that they must have
   * @param most ids below this alone
   * @throws DataFailure where there are none; in a task, where one is broken or of another shape
   */
  static JavaRDD<IndexedImage> of(SparkSession spark, Folder folder, ImageShape shape, long most) {
    List<String> names = folder.list();
    if (names.contains("identity.json") && !names.contains("_SUCCESS")) {
      throw new DataFailure(
          "%s is a run of SampleJob that has not ended, there is no _SUCCESS in it: run SampleJob again, which makes what is missing."
              .formatted(folder));
    }
    JavaRDD<Encoded> encoded;
    if (names.stream().anyMatch(name -> name.endsWith(".parquet"))) {
      encoded =
          spark
              .read()
              .parquet(folder + "/part-*.parquet")
              .select("id", "png")
              .javaRDD()
              .map(row -> new Encoded(row.getLong(0), row.<byte[]>getAs(1), folder + ", Parquet"));
    } else if (names.stream().anyMatch(name -> name.endsWith(".tar"))) {
      encoded = files(spark, folder + "/part-*.tar").flatMap(SampledImages::ofTar);
    } else if (names.contains("png")) {
      encoded = files(spark, folder + "/png/*.png").map(SampledImages::ofFile);
    } else {
      throw new DataFailure(
          "%s holds no images of SampleJob, neither part-*.parquet nor part-*.tar nor png/: give evaluate.samples the folder of a run date, such as runs/samples/run-date=2026-11-24."
              .formatted(folder));
    }
    return encoded.filter(image -> image.id < most).map(image -> image.decode(shape));
  }

  private static JavaRDD<Row> files(SparkSession spark, String pattern) {
    return spark.read().format("binaryFile").load(pattern).select("path", "content").javaRDD();
  }

  // On its way to an image; compared nowhere.
  @SuppressWarnings("ArrayRecordComponent")
  private record Encoded(long id, byte[] png, String origin) implements Serializable {
    IndexedImage decode(ImageShape shape) {
      String name = "Image %d of %s".formatted(id, origin);
      Image image = Png.decode(png, name);
      ImageShape found = new ImageShape(image.channels(), image.height(), image.width());
      if (!found.equals(shape)) {
        throw new DataFailure(
            "%s is %s, and the real images are %s: compare with the data set that the network was trained on (data.path)."
                .formatted(name, found, shape));
      }
      return new IndexedImage(id, image.pixels());
    }
  }

  private static Encoded ofFile(Row file) {
    String path = file.getString(0);
    return new Encoded(number(path, path), file.<byte[]>getAs(1), path);
  }

  private static Iterator<Encoded> ofTar(Row file) {
    String path = file.getString(0);
    List<Encoded> images = new ArrayList<>();
    try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(file.<byte[]>getAs(1)))) {
      for (TarArchiveEntry entry = tar.getNextTarEntry();
          entry != null;
          entry = tar.getNextTarEntry()) {
        if (entry.getName().endsWith(".png")) {
          images.add(new Encoded(number(entry.getName(), path), tar.readAllBytes(), path));
        }
      }
    } catch (IOException e) {
      throw new DataFailure("%s is a damaged tar file: %s.".formatted(path, e.getMessage()), e);
    }
    return images.iterator();
  }

  private static long number(String name, String path) {
    Matcher matcher = NUMBER.matcher(name.substring(name.lastIndexOf('/') + 1));
    if (!matcher.matches()) {
      throw new DataFailure(
          "'%s' in %s is not named by the number of an image, as SampleJob names them: remove it, or give evaluate.samples another folder."
              .formatted(name, path));
    }
    return Long.parseLong(matcher.group(1));
  }
}
