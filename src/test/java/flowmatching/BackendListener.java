package flowmatching;

import flowmatching.backend.CpuLibrary;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/** Chooses ND4J's library, with one thread a network, before any test uses ND4J, as the jobs do. */
public final class BackendListener implements LauncherSessionListener {
  @Override
  public void launcherSessionOpened(LauncherSession session) {
    CpuLibrary.best().use();
  }
}
