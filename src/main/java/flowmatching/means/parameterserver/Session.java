package flowmatching.means.parameterserver;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The processes of a round, of which the first is the server.
 *
 * @param round a unique name that other processes cannot guess
 * @param own index of this process among the members
 * @param length number of values of a gradient
 * @param threshold see {@link GradientCode}
 * @param patienceS seconds to wait for another process at most
 */
public record Session(
    String round, List<Endpoint> members, int own, int length, double threshold, int patienceS) {
  static final int SERVER = 0;

  public Session {
    members = List.copyOf(members);
  }

  /** The round's name in a fixed length. */
  UUID id() {
    return UUID.nameUUIDFromBytes(round.getBytes(StandardCharsets.UTF_8));
  }

  Endpoint server() {
    return members.get(SERVER);
  }

  Endpoint receiver() {
    return members.get(own);
  }

  boolean isServer() {
    return own == SERVER;
  }

  /** Indices of the members whose updates this process receives. */
  Set<Integer> senders() {
    return isServer()
        ? IntStream.range(1, members.size()).boxed().collect(Collectors.toSet())
        : Set.of(SERVER);
  }
}
