package flowmatching.means.parameterserver;

import flowmatching.base.failure.EnvironmentFailure;
import java.io.ObjectInputFilter;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets DL4J's transport deserialise its own messages only. Without it, anyone who reaches the UDP
 * port could make this process build any object, or allocate all its memory for an array. Other
 * threads, such as Spark's, are not affected.
 */
public final class DeserialisationFilter implements ObjectInputFilter {
  private static final Logger LOG = LoggerFactory.getLogger(DeserialisationFilter.class);

  /** Packages, and a class with those nested in it. */
  private static final Set<String> PREFIXES =
      Set.of(
          "org.nd4j.parameterserver.distributed.v2.messages.impl.base.",
          "org.nd4j.parameterserver.distributed.v2.messages.pairs.handshake.",
          "org.nd4j.parameterserver.distributed.v2.enums.",
          "org.nd4j.parameterserver.distributed.v2.util.MeshOrganizer$",
          "org.nd4j.parameterserver.distributed.enums.",
          "java.util.concurrent.atomic.",
          "java.util.concurrent.locks.");

  private static final Set<String> CLASSES =
      Set.of(
          "java.lang.Object",
          "java.lang.String",
          "java.lang.Enum",
          "java.lang.Number",
          "java.lang.Integer",
          "java.lang.Long",
          "java.util.ArrayList",
          "java.util.Collections$SynchronizedCollection",
          "java.util.Collections$SynchronizedList",
          "java.util.concurrent.CopyOnWriteArrayList",
          "org.nd4j.common.primitives.Atomic",
          "org.nd4j.parameterserver.distributed.v2.chunks.VoidChunk",
          "org.nd4j.parameterserver.distributed.v2.messages.impl.MeshUpdateMessage",
          "org.nd4j.parameterserver.distributed.v2.util.MeshOrganizer");

  /** More do not fit into Aeron's longest message, with the buffers of {@link AeronProperties}. */
  private static final int MOST_MEMBERS = 4096;

  private static final int MOST_BYTES = Envelope.mostBytes(MOST_MEMBERS);

  /** A list of members has seven per member and twenty more. */
  private static final int MOST_REFERENCES = 8 * MOST_MEMBERS;

  /** The longest array is a part of an update, or the list of members. */
  private static final int MOST_ELEMENTS = AeronProperties.MESSAGE_BYTES;

  /** A list of members has a depth of eight. */
  private static final int MOST_DEPTH = 16;

  private final ThreadGroup transport;

  DeserialisationFilter(ThreadGroup transport) {
    this.transport = transport;
  }

  /** Another filter of this process, which then cannot open a UDP port. */
  public static Optional<String> other() {
    return Optional.ofNullable(Config.getSerialFilter())
        .filter(filter -> !(filter instanceof DeserialisationFilter))
        .map(Object::toString);
  }

  /**
   * Installs the filter in this process, for the threads of a group.
   *
   * @throws EnvironmentFailure if another filter is installed, because Java allows one
   */
  static synchronized void install(ThreadGroup transport) {
    Optional<String> other = other();
    if (other.isPresent()) {
      throw new EnvironmentFailure(
          "jdk.serialFilter is set to '%s' on a process of the parameter server, which needs its own filter: remove the property from spark.driver.extraJavaOptions and spark.executor.extraJavaOptions."
              .formatted(other.get()));
    }
    if (Config.getSerialFilter() == null) {
      Config.setSerialFilter(new DeserialisationFilter(transport));
    }
  }

  @Override
  public Status checkInput(FilterInfo info) {
    if (!transport.parentOf(Thread.currentThread().getThreadGroup())) {
      return Status.UNDECIDED;
    }
    if (info.depth() > MOST_DEPTH
        || info.references() > MOST_REFERENCES
        || info.arrayLength() > MOST_ELEMENTS
        || info.streamBytes() > MOST_BYTES) {
      LOG.warn(
          "Rejecting an object received on the UDP port, with {} references, {} bytes, depth {} and an array of {}",
          info.references(),
          info.streamBytes(),
          info.depth(),
          info.arrayLength());
      return Status.REJECTED;
    }
    Class<?> type = info.serialClass();
    while (type != null && type.isArray()) {
      type = type.getComponentType();
    }
    if (type == null
        || type.isPrimitive()
        || CLASSES.contains(type.getName())
        || PREFIXES.stream().anyMatch(type.getName()::startsWith)) {
      return Status.ALLOWED;
    }
    LOG.warn("Rejecting an object of class {} received on the UDP port", type.getName());
    return Status.REJECTED;
  }
}
