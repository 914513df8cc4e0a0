package flowmatching.parameterserver;

import flowmatching.failure.EnvironmentFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import org.apache.spark.SparkConf;

/**
 * Where the driver is, for the parameter server: Spark's own choice, not a guess.
 *
 * @param ip that executors reach the driver at
 * @param network of that address in CIDR notation; executors use their address in it
 */
record DriverAddress(String ip, String network) {

  static DriverAddress of(SparkConf conf) {
    String host = conf.get("spark.driver.host");
    try {
      InetAddress address = InetAddress.getByName(host);
      String ip = address.getHostAddress();
      NetworkInterface device = NetworkInterface.getByInetAddress(address);
      if (device == null) {
        throw new IOException("no network interface has it");
      }
      for (InterfaceAddress own : device.getInterfaceAddresses()) {
        if (own.getAddress().equals(address)) {
          return new DriverAddress(ip, ip + "/" + own.getNetworkPrefixLength());
        }
      }
      return new DriverAddress(ip, ip + "/32");
    } catch (IOException e) {
      throw new EnvironmentFailure(
          "The driver's address, spark.driver.host = %s, is none of this machine: %s. Set it, or SPARK_LOCAL_IP, to one."
              .formatted(host, e.getMessage()),
          e);
    }
  }
}
