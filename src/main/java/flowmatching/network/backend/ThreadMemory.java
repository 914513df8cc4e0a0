package flowmatching.network.backend;

import org.nd4j.linalg.factory.Nd4j;

/** What ND4J keeps for the next pass of a thread. */
public final class ThreadMemory {
  private ThreadMemory() {}

  /** Frees it, for a thread that ends or whose next work is another's. */
  public static void release() {
    Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread();
  }
}
