package flowmatching.data;

import flowmatching.failure.ConfigurationFailure;
import java.util.Locale;

/** The two halves of a data set, told apart by how the names of their files begin. */
public enum Split {
  /** Files named {@code train-...}. */
  TRAIN("train"),
  /** Files named {@code t10k-...}, as in MNIST. */
  TEST("t10k");

  private final String filePrefix;

  Split(String filePrefix) {
    this.filePrefix = filePrefix;
  }

  /**
   * The split of this name.
   *
   * @param name {@code train} or {@code test}
   * @throws ConfigurationFailure if it is neither
   */
  public static Split named(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "train" -> TRAIN;
      case "test" -> TEST;
      default ->
          throw new ConfigurationFailure(
              "The split of a data set is \"%s\"; allowed are train and test.".formatted(name));
    };
  }

  String filePrefix() {
    return filePrefix;
  }

  /** The name that {@link #named} understands. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
