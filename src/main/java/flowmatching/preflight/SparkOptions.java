package flowmatching.preflight;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;

/** What Spark is really set to, whichever file or option it came from. */
record SparkOptions(SparkConf spark) {
  private static final List<String> ENCRYPTION =
      List.of(
          "spark.network.crypto.enabled",
          "spark.authenticate.enableSaslEncryption",
          "spark.ssl.enabled",
          "spark.ssl.rpc.enabled");

  /** What a fixed group of replicas cannot live with, a sentence each. */
  List<String> failures() {
    List<String> failures = new ArrayList<>();
    mustBeOff(
        failures,
        "spark.dynamicAllocation.enabled",
        "the number of replicas is fixed when training starts, and executors must neither come nor go by load");
    mustBeOff(
        failures,
        "spark.speculation",
        "a training task is a member of a group, and a second copy of it would be a stranger there");
    for (String name : List.of("spark.excludeOnFailure.enabled", "spark.blacklist.enabled")) {
      mustBeOff(
          failures,
          name,
          "a round that failed is begun anew on the same executors, which Spark would keep away from it");
    }
    return failures;
  }

  private void mustBeOff(List<String> failures, String name, String why) {
    if (isOn(name)) {
      failures.add(
          "%s is true: %s. Put the line '%s false' into conf/train.properties, or give spark-submit --conf %s=false."
              .formatted(name, why, name, name));
    }
  }

  /** The options that say that Spark is to encrypt what it sends. */
  List<String> encryption() {
    return ENCRYPTION.stream().filter(this::isOn).toList();
  }

  private boolean isOn(String name) {
    return spark.get(name, "false").strip().equalsIgnoreCase("true");
  }
}
