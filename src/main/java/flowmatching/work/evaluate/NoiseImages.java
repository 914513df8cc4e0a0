package flowmatching.work.evaluate;

import flowmatching.base.settings.ImageShape;
import flowmatching.flow.ImageBatch;
import flowmatching.flow.RandomStream;
import flowmatching.flow.RandomStream.Purpose;
import flowmatching.means.image.Image;
import flowmatching.work.sample.IndexedImage;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/** Images of the noise that sampling starts from: samples of a network that has learned nothing. */
final class NoiseImages {
  private static final long SEED = 1;

  private NoiseImages() {}

  static JavaRDD<IndexedImage> of(JavaSparkContext spark, ImageShape shape, long count) {
    return spark
        .sc()
        .range(0, count, 1, spark.defaultParallelism())
        .toJavaRDD()
        .map(id -> new IndexedImage((Long) id, image(shape, (Long) id), 0));
  }

  private static Image image(ImageShape shape, long id) {
    ImageBatch noise = ImageBatch.zeros(shape, 1);
    new RandomStream(SEED, Purpose.SAMPLE_NOISE, 0, id).normals(noise.values(), 0, shape.values());
    return Image.ofNetwork(noise).get(0);
  }
}
