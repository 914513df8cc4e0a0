package flowmatching.work.evaluate;

import flowmatching.base.settings.ImageShape;
import flowmatching.flow.ImageBatch;
import flowmatching.flow.RandomStream;
import flowmatching.flow.RandomStream.Purpose;
import flowmatching.means.image.Image;
import flowmatching.work.sample.IndexedImage;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/** Images of the noise that sampling starts from: samples of a network that has learned nothing. */
final class NoiseImages {
  private static final long SEED = 1;

  private NoiseImages() {}

  static JavaRDD<IndexedImage> of(JavaSparkContext spark, ImageShape shape, long count) {
    int parts = spark.defaultParallelism();
    return spark
        .parallelize(IntStream.range(0, parts).boxed().toList(), parts)
        .flatMap(
            part ->
                LongStream.range(count * part / parts, count * (part + 1) / parts)
                    .mapToObj(id -> new IndexedImage(id, image(shape, id), 0))
                    .iterator());
  }

  private static Image image(ImageShape shape, long id) {
    ImageBatch noise = ImageBatch.zeros(shape, 1);
    new RandomStream(SEED, Purpose.SAMPLE_NOISE, 0, id).normals(noise.values(), 0, shape.values());
    return Image.ofNetwork(noise).get(0);
  }
}
