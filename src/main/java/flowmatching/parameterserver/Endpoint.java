package flowmatching.parameterserver;

import java.io.Serializable;

/** Where a process of the parameter server receives: an IP address and a UDP port. */
public record Endpoint(String host, int port) implements Serializable {

  /** What DL4J's transport calls it. */
  String id() {
    return "aeron:udp?endpoint=" + host + ":" + port;
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
