package flowmatching.means.parameterserver;

import java.util.ArrayList;
import java.util.List;

/** The threads of a transport, which end with it; DL4J's own never end. */
final class TransportThreads {
  private static final int JOIN_MS = 5_000;

  private final List<Thread> threads = new ArrayList<>();

  void start(String name, Runnable task) {
    Thread thread = new Thread(task, "parameter-server-" + name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  /** Waits for their end, because closing Aeron unmaps the memory that they read. */
  void stop() {
    threads.forEach(Thread::interrupt);
    try {
      for (Thread thread : threads) {
        thread.join(JOIN_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
