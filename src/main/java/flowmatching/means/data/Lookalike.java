package flowmatching.means.data;

import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;

/** A data set whose files look like MNIST's but must be converted before use. */
enum Lookalike {
  EMNIST(
      "emnist-",
      "EMNIST's images are transposed: swap the rows and columns of each, and give the files the"
          + " names above."),
  QMNIST(
      "qmnist-",
      "QMNIST's labels are [N, 8] of 32-bit integers: write the first column, which is the class,"
          + " as unsigned bytes [N].");

  private final String prefix;
  private final String advice;

  Lookalike(String prefix, String advice) {
    this.prefix = prefix;
    this.advice = advice;
  }

  /** The data set that one of the file names belongs to. */
  static Optional<Lookalike> among(Collection<String> names) {
    return Arrays.stream(values())
        .filter(set -> names.stream().anyMatch(name -> name.startsWith(set.prefix)))
        .findFirst();
  }

  String advice() {
    return advice;
  }
}
