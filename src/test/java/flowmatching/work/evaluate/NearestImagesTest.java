package flowmatching.work.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import flowmatching.SparkSessionExtension;
import flowmatching.base.settings.ImageShape;
import flowmatching.means.image.Image;
import flowmatching.work.sample.IndexedImage;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SparkSessionExtension.class)
class NearestImagesTest {
  @Test
  void isTheNearestImageWithTheLowestId(SparkSession spark) {
    var context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    // 100 images of two pixels, each twice.
    var set =
        context.parallelize(
            IntStream.range(0, 200).mapToObj(id -> image(id, id % 100, 200)).toList(), 3);
    var nearest = NearestImages.of(context, List.of(image(0, 7, 200), image(1, 150, 199)), set);
    assertThat(nearest).extracting(found -> found.image().id()).containsExactly(7L, 99L);
    assertThat(nearest.get(0).distance()).isZero();
    assertThat(nearest.get(1).distance()).isEqualTo(Math.sqrt((51 * 51 + 1) / 2.0));
  }

  private static IndexedImage image(long id, int... pixels) {
    byte[] bytes = new byte[pixels.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) pixels[i];
    }
    return new IndexedImage(id, new Image(new ImageShape(1, 1, bytes.length), bytes), 0);
  }
}
