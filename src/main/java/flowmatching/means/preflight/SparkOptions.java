package flowmatching.means.preflight;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.TrainSettings;
import flowmatching.base.settings.TrainSettings.Strategy;
import flowmatching.base.settings.TrainSettings.UnencryptedUpdates;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;

/** Checks Spark's options in force, whichever file or argument they come from. */
public record SparkOptions(SparkConf spark) {
  /** The options that make Spark encrypt its traffic. */
  private static final List<String> ENCRYPTION =
      List.of(
          "spark.network.crypto.enabled",
          "spark.authenticate.enableSaslEncryption",
          "spark.ssl.enabled",
          "spark.ssl.rpc.enabled");

  /**
   * Checks the options before Spark starts; with some of them it would not start.
   *
   * @throws EnvironmentFailure with all failures in one message
   */
  public void check(TrainSettings train) {
    String master = spark.get("spark.master", "local");
    if (!master.equals("local") && !master.startsWith("local[")) {
      Preflight.refuse(failures(train));
    }
  }

  /** A sentence per option that a fixed group of replicas does not allow. */
  List<String> failures(TrainSettings train) {
    List<String> failures = new ArrayList<>();
    mustBeOff(
        failures,
        "spark.dynamicAllocation.enabled",
        "the number of replicas is fixed when training starts, so Spark must not add or remove executors by load");
    mustBeOff(
        failures,
        "spark.speculation",
        "training tasks form a group, and a second copy of a task cannot join it");
    for (String name : List.of("spark.excludeOnFailure.enabled", "spark.blacklist.enabled")) {
      mustBeOff(
          failures,
          name,
          "a failed round is retried on the same executors, which Spark would exclude");
    }
    List<String> encryption = ENCRYPTION.stream().filter(this::isOn).toList();
    if (!encryption.isEmpty()
        && train.strategy() == Strategy.PARAMETER_SERVER
        && train.unencryptedUpdates() == UnencryptedUpdates.REFUSE) {
      failures.add(
          "Spark is set to encrypt its traffic (%s), and train.strategy=parameter-server sends updates between executors over UDP without encryption: set train.strategy=averaging, which sends through Spark only, or train.unencrypted-updates=accept if the network can be trusted."
              .formatted(String.join(", ", encryption)));
    }
    return failures;
  }

  private void mustBeOff(List<String> failures, String name, String why) {
    if (isOn(name)) {
      failures.add(
          "%s is true: %s. Put the line '%s false' into conf/train.properties, or pass --conf %s=false to spark-submit."
              .formatted(name, why, name, name));
    }
  }

  private boolean isOn(String name) {
    return spark.get(name, "false").strip().equalsIgnoreCase("true");
  }
}
