package flowmatching;

import flowmatching.backend.NumericIdentity;
import flowmatching.failure.EnvironmentFailure;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/** Chooses ND4J's library, with one thread a network, before any test uses ND4J, as the jobs do. */
public final class BackendListener implements LauncherSessionListener {
  /** Why ND4J cannot compute here, where it cannot; {@link BackendCondition} reads it. */
  static final String FAILURE_PROPERTY = "flowmatching.test.backend-failure";

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    try {
      NumericIdentity.useBest();
    } catch (EnvironmentFailure e) {
      // A build for processors is tested whole or not at all.
      if (Build.backend().isEmpty()) {
        throw e;
      }
      System.setProperty(FAILURE_PROPERTY, e.getMessage());
    }
  }
}
