package flowmatching.work.sample;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.Serializable;
import java.util.Optional;

/**
 * Which run made an image, as the image's file says.
 *
 * @param seed the run's {@code sample.seed}; with the id it determines the noise
 * @param runSha256 see {@link IdentityFile#runSha256}; empty in a run that release 0.1.0 began
 */
record Origin(long seed, @JsonInclude(JsonInclude.Include.NON_EMPTY) String runSha256)
    implements Serializable {

  /**
   * If this is another run than that of an {@code identity.json}, how they differ, for a message.
   */
  Optional<String> differenceFrom(IdentityFile run) {
    if (run.seed().isPresent() && run.seed().getAsLong() != seed) {
      return Optional.of(
          "of the seed %d, but %s says %d"
              .formatted(seed, IdentityFile.NAME, run.seed().getAsLong()));
    }
    String wanted = run.runSha256();
    return wanted.equals(runSha256)
        ? Optional.empty()
        : Optional.of(
            "of another model, processor or settings: %s, but %s %s"
                .formatted(
                    runSha256.isEmpty()
                        ? "they have no run_sha256"
                        : "their run_sha256 is " + runSha256,
                    IdentityFile.NAME,
                    wanted.isEmpty() ? "has none" : "says " + wanted));
  }
}
