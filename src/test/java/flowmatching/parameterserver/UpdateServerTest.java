package flowmatching.parameterserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Parameter servers of several processes, here in one, over real UDP. */
class UpdateServerTest {
  private static final int LENGTH = 300_000;
  private static final int STEPS = 20;

  @Test
  void everyProcessEndsEachStepWithTheSameSum() throws Exception {
    for (int processes = 2; processes <= 3; processes++) {
      List<List<float[]>> sums = run(processes);
      for (int step = 0; step < STEPS; step++) {
        for (List<float[]> other : sums) {
          assertThat(other.get(step)).isEqualTo(sums.get(0).get(step));
        }
      }
    }
  }

  private static List<List<float[]>> run(int processes) throws Exception {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < processes; i++) {
      endpoints.add(new Endpoint("127.0.0.1", freePort()));
    }
    ExecutorService threads = Executors.newFixedThreadPool(processes);
    List<UpdateServer> servers = new ArrayList<>();
    try {
      for (int own = 0; own < processes; own++) {
        servers.add(
            UpdateServer.open(new UpdateServer.Session(7, endpoints, own, LENGTH, 0.05, 20)));
      }
      List<Future<List<float[]>>> all = new ArrayList<>();
      for (int own = 0; own < processes; own++) {
        UpdateServer server = servers.get(own);
        Random random = new Random(own);
        all.add(
            threads.submit(
                () -> {
                  List<float[]> sums = new ArrayList<>();
                  for (int step = 0; step < STEPS; step++) {
                    float[] gradient = new float[LENGTH];
                    for (int i = 0; i < LENGTH; i++) {
                      gradient[i] = (float) random.nextGaussian();
                    }
                    server.sum(gradient, step, step == STEPS - 1, () -> false);
                    sums.add(gradient);
                  }
                  return sums;
                }));
      }
      List<List<float[]>> sums = new ArrayList<>();
      for (Future<List<float[]>> one : all) {
        sums.add(one.get());
      }
      return sums;
    } finally {
      servers.forEach(UpdateServer::close);
      threads.shutdownNow();
    }
  }

  private static int freePort() throws IOException {
    try (DatagramSocket socket =
        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      return socket.getLocalPort();
    }
  }
}
