package flowmatching.parameterserver;

import java.io.Serializable;

/**
 * Where the replicas are.
 *
 * @param jvms that train: executors, or 1 in local mode
 * @param perJvm replicas in each of them
 */
public record ReplicaLayout(int jvms, int perJvm) implements Serializable {
  public ReplicaLayout {
    if (jvms > 1 && perJvm > 1) {
      throw new IllegalArgumentException("Several JVMs have one replica each, not " + perJvm);
    }
  }

  public int replicas() {
    return jvms * perJvm;
  }
}
