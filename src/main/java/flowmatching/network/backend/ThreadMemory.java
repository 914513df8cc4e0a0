package flowmatching.network.backend;

import org.nd4j.linalg.api.memory.MemoryWorkspaceManager;
import org.nd4j.linalg.factory.Nd4j;

/** The workspaces that ND4J keeps for a thread's next pass. */
public final class ThreadMemory {
  private ThreadMemory() {}

  /** Frees the calling thread's workspaces: for threads that end or turn to other work. */
  public static void release() {
    MemoryWorkspaceManager workspaces = Nd4j.getWorkspaceManager();
    // Not by destroyAllWorkspacesForCurrentThread(), which also collects the JVM's garbage.
    workspaces.getAllWorkspacesForCurrentThread().forEach(workspaces::destroyWorkspace);
  }
}
