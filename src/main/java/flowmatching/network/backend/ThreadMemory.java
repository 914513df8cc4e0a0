package flowmatching.network.backend;

import org.nd4j.linalg.factory.Nd4j;

/** The workspaces that ND4J keeps for a thread's next pass. */
public final class ThreadMemory {
  private ThreadMemory() {}

  /** Frees the calling thread's workspaces: for threads that end or turn to other work. */
  public static void release() {
    Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread();
  }
}
