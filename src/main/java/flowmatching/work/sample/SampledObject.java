package flowmatching.work.sample;

import java.io.Serializable;

/**
 * An entry of the manifest: the {@link RangeObject} of a range.
 *
 * @param name in the run's folder
 * @param velocityEvaluations of all its images
 * @param bytes its length
 */
record SampledObject(String name, int images, long velocityEvaluations, int bytes, String sha256)
    implements Serializable {}
