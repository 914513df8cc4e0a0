package flowmatching.means.cluster;

import java.util.List;
import java.util.Map;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceInformation;

/** Addresses of the GPUs that Spark assigned: none in local mode or if Spark is asked for none. */
public final class Devices {
  private Devices() {}

  /** GPUs of the calling task, on an executor. */
  public static List<String> ofTask() {
    return addresses(TaskContext.get().resourcesJMap());
  }

  /**
   * The driver's GPU. Spark assigns a driver outside the cluster every GPU that the discovery
   * script prints, whatever the amount asked for; the driver uses the first.
   */
  public static List<String> ofDriver(JavaSparkContext spark) {
    return addresses(spark.resources()).stream().limit(1).toList();
  }

  private static List<String> addresses(Map<String, ResourceInformation> resources) {
    ResourceInformation gpus = resources.get("gpu");
    return gpus == null ? List.of() : List.of(gpus.addresses());
  }
}
