package flowmatching.means.parameterserver;

import java.io.Serializable;

/**
 * The IP address and UDP port where a process of the parameter server receives.
 *
 * @param host an IPv4 or IPv6 address, the latter without brackets
 */
public record Endpoint(String host, int port) implements Serializable {

  /** Its id in DL4J's transport. */
  String id() {
    return "aeron:udp?endpoint=" + this;
  }

  /** The host as URIs write it: an IPv6 address in brackets. */
  String uriHost() {
    return host.contains(":") ? "[" + host + "]" : host;
  }

  @Override
  public String toString() {
    return uriHost() + ":" + port;
  }
}
