package flowmatching.means.parameterserver;

import java.io.Serializable;

/**
 * Where a process of the parameter server receives: an IP address and a UDP port.
 *
 * @param host an IPv4 or IPv6 address, the latter without brackets
 */
public record Endpoint(String host, int port) implements Serializable {

  /** What DL4J's transport calls it. */
  String id() {
    return "aeron:udp?endpoint=" + this;
  }

  /** The host as it stands in front of a port: an IPv6 address is in brackets there. */
  String uriHost() {
    return host.contains(":") ? "[" + host + "]" : host;
  }

  @Override
  public String toString() {
    return uriHost() + ":" + port;
  }
}
