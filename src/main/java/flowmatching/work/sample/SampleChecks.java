package flowmatching.work.sample;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.SampleSettings;
import flowmatching.means.image.ImageGrid;

/** Checks before a run that its images fit into files and memory. */
final class SampleChecks {
  /** A task holds its range several times: as images, as columns and as the object. */
  private static final int MAX_RANGE_BYTES = 128 << 20;

  private SampleChecks() {}

  /**
   * Checks that PNG files can hold a model's images, and that a range, a batch and the contact
   * sheet are not too large.
   */
  static void check(SampleSettings settings, ImageShape image) {
    if (image.channels() != 1 && image.channels() != 3) {
      throw new DataFailure(
          "The model in %s makes images of %d channels, but a PNG file holds 1 (grey) or 3 (colour): set sample.model to such a network."
              .formatted(settings.model(), image.channels()));
    }
    long images = Math.min(settings.rangeSize(), settings.count());
    long bytes = images * image.channels() * image.height() * image.width();
    if (bytes > MAX_RANGE_BYTES) {
      throw new ConfigurationFailure(
          "sample.range-size = %d makes objects of %d MB before compression, in memory, but at most %d MB are allowed: give a smaller multiple of sample.batch-size, or also a smaller sample.batch-size."
              .formatted(settings.rangeSize(), bytes >> 20, MAX_RANGE_BYTES >> 20));
    }
    image.values(settings.batchSize());
    int onSheet = (int) Math.min(settings.grid().images(), settings.count());
    ImageGrid.checkSize(image, onSheet, settings.grid().columns());
  }
}
