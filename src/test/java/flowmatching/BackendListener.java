package flowmatching;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.Precision;
import flowmatching.network.backend.Library;
import flowmatching.network.backend.NumericIdentity;
import java.util.stream.Stream;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/** Chooses ND4J's library, with one thread a network, before any test uses ND4J, as the jobs do. */
public final class BackendListener implements LauncherSessionListener {
  /** Why ND4J cannot compute here, where it cannot; {@link BackendCondition} reads it. */
  static final String FAILURE_PROPERTY = "flowmatching.test.backend-failure";

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    try {
      Library.checkMachine();
      NumericIdentity.useBest(Precision.FLOAT32);
    } catch (EnvironmentFailure e) {
      // A build for processors is tested whole, and one for GPUs where there is one that it is for.
      if (Build.backend().isEmpty() || !hasNoCard(e)) {
        throw e;
      }
      System.setProperty(FAILURE_PROPERTY, e.getMessage());
    }
  }

  private static boolean hasNoCard(EnvironmentFailure failure) {
    return Stream.of("No NVIDIA driver was found", "driver sees no GPU", "cannot run on GPU")
        .anyMatch(failure.getMessage()::contains);
  }
}
