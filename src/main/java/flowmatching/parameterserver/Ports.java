package flowmatching.parameterserver;

import flowmatching.failure.EnvironmentFailure;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.apache.spark.SparkEnv;
import org.nd4j.parameterserver.distributed.v2.transport.PortSupplier;

/**
 * One UDP port a JVM, so that several of them can share a host: the driver's is {@code base},
 * executor N's is {@code base + 1 + N}.
 */
record Ports(int base) implements PortSupplier {
  private static final String DRIVER = "driver";

  /** A base that is free on the driver's address now. */
  static Ports free(String address) {
    try (DatagramSocket socket =
        new DatagramSocket(new InetSocketAddress(InetAddress.getByName(address), 0))) {
      return new Ports(socket.getLocalPort());
    } catch (IOException e) {
      throw new EnvironmentFailure(
          "No UDP port can be opened on the driver's address %s: %s. Set spark.driver.host to an address of this machine."
              .formatted(address, e.getMessage()),
          e);
    }
  }

  @Override
  public int getPort() {
    String executor = SparkEnv.get().executorId();
    return executor.equals(DRIVER) ? base : base + 1 + Integer.parseInt(executor);
  }
}
