package flowmatching.work.sample;

import java.io.Serializable;

/**
 * The {@link RangeObject} of a range of a run, as the manifest lists it. Public, since Spark's
 * encoders take no other classes.
 *
 * @param name in the run's folder
 * @param images of its range
 * @param velocityEvaluations of all its images
 * @param bytes its length
 * @param sha256 of its bytes
 */
public record SampledObject(
    String name, int images, long velocityEvaluations, int bytes, String sha256)
    implements Serializable {}
