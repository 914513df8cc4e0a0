package flowmatching.means.preflight;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.TrainSettings;
import flowmatching.base.settings.TrainSettings.Strategy;
import flowmatching.base.settings.TrainSettings.UnencryptedUpdates;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;

/** What Spark is really set to, whichever file or option it came from, against what a run needs. */
public record SparkOptions(SparkConf spark) {
  /** The options that say that Spark is to encrypt what it sends. */
  private static final List<String> ENCRYPTION =
      List.of(
          "spark.network.crypto.enabled",
          "spark.authenticate.enableSaslEncryption",
          "spark.ssl.enabled",
          "spark.ssl.rpc.enabled");

  /**
   * Checks them before Spark is started, which it would not be with some of them.
   *
   * @throws EnvironmentFailure with all that is wrong
   */
  public void check(TrainSettings train) {
    String master = spark.get("spark.master", "local");
    if (!master.equals("local") && !master.startsWith("local[")) {
      Failures.of(failures(train));
    }
  }

  /** What a fixed group of replicas cannot live with, a sentence each. */
  List<String> failures(TrainSettings train) {
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
    List<String> encryption = ENCRYPTION.stream().filter(this::isOn).toList();
    if (!encryption.isEmpty()
        && train.strategy() == Strategy.PARAMETER_SERVER
        && train.unencryptedUpdates() == UnencryptedUpdates.REFUSE) {
      failures.add(
          "Spark is to encrypt what it sends (%s), and the updates of train.strategy=parameter-server go from executor to executor over UDP in the clear: give train.strategy=averaging, which sends through Spark alone, or train.unencrypted-updates=accept if the network can be trusted."
              .formatted(String.join(", ", encryption)));
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

  private boolean isOn(String name) {
    return spark.get(name, "false").strip().equalsIgnoreCase("true");
  }
}
