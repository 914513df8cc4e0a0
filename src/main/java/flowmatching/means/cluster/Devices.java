package flowmatching.means.cluster;

import java.util.List;
import java.util.Map;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceInformation;

/**
 * The GPUs that Spark gave this process, by their addresses: none in local mode, and where Spark is
 * not asked for any.
 */
public final class Devices {
  private static final String GPU = "gpu";

  private Devices() {}

  /** Those of the task that calls this, in an executor. */
  public static List<String> ofTask() {
    return addresses(TaskContext.get().resourcesJMap());
  }

  /**
   * The driver's. Outside a cluster's processes its discovery script says which there are, and
   * Spark gives it all of them, however many it was to have: the first is its.
   */
  public static List<String> ofDriver(JavaSparkContext spark) {
    return addresses(spark.resources()).stream().limit(1).toList();
  }

  private static List<String> addresses(Map<String, ResourceInformation> resources) {
    ResourceInformation gpus = resources.get(GPU);
    return gpus == null ? List.of() : List.of(gpus.addresses());
  }
}
