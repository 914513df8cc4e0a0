package flowmatching.means.parallel;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.UdpPorts;
import flowmatching.means.cluster.BarrierJob;
import flowmatching.means.cluster.PeerLost;
import flowmatching.means.parameterserver.Endpoint;
import flowmatching.means.parameterserver.UpdateServer;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A small exchange between all executors, as a round makes it, to see that they reach each other.
 */
public final class ExchangeTrial {
  private static final Logger LOG = LoggerFactory.getLogger(ExchangeTrial.class);
  private static final int LENGTH = 4096;
  private static final int STEPS = 2;
  private static final double THRESHOLD = 0.03;

  /** Seconds that an executor waits for another. */
  private static final int PATIENCE_S = 12;

  /** Seconds for the whole trial: none but a hang takes so long. */
  private static final int BOUND_S = 30;

  private ExchangeTrial() {}

  /**
   * Lets all executors exchange gradients.
   *
   * @param slots one or more on each executor
   * @return where each executor was reached, for a summary
   * @throws EnvironmentFailure with who did not reach whom
   */
  public static String run(JavaSparkContext spark, int slots, UdpPorts ports) {
    String session = UUID.randomUUID().toString();
    List<Outcome> outcomes =
        BarrierJob.run(
            spark,
            "The trial exchange between the executors",
            slots,
            BOUND_S,
            (context, slot) -> new Trial(context, session).run(ports));
    List<String> failures =
        outcomes.stream().map(Outcome::failure).filter(text -> !text.isEmpty()).distinct().toList();
    if (!failures.isEmpty()) {
      throw new EnvironmentFailure(String.join(" ", failures));
    }
    return outcomes.get(0).members();
  }

  /** What a task tells; an empty failure is none. */
  private record Outcome(String members, String failure) implements Serializable {}

  /** Ends the trial in all tasks: at least one has failed. */
  private static final class TrialFailed extends RuntimeException {}

  /** A task's part. */
  private static final class Trial {
    private final BarrierTaskContext context;
    private final String session;
    private final String executor = SparkEnv.get().executorId();
    private UpdateServer server;
    private String failure = "";

    Trial(BarrierTaskContext context, String session) {
      this.context = context;
      this.session = session;
    }

    Outcome run(UdpPorts ports) {
      Peers peers;
      try {
        peers = Peers.meet(session, context, ports);
      } catch (EnvironmentFailure e) {
        return new Outcome("", e.getMessage());
      }
      String members = members(peers);
      if (peers.processes().size() > 1) {
        try {
          exchange(peers, members);
        } catch (TrialFailed e) {
          return new Outcome(members, failure);
        } finally {
          close();
        }
      }
      return new Outcome(members, "");
    }

    private void exchange(Peers peers, String members) {
      boolean speaks = peers.neighbours().indexOf(peers.own()) == 0;
      together(speaks, members, () -> open(peers));
      together(speaks, members, () -> sum(peers));
    }

    /** Does a part of the exchange, and goes on only where all have done theirs. */
    private void together(boolean takesPart, String members, Runnable part) {
      if (takesPart) {
        try {
          part.run();
        } catch (PeerLost | EnvironmentFailure e) {
          failure =
              "Executor %s did not exchange an update with the others over UDP: %s The executors are %s. Let UDP through between their hosts (train.udp-ports bounds the ports), or train without it, with train.strategy=averaging."
                  .formatted(executor, e.getMessage(), members);
        }
      }
      if (!Arrays.stream(context.allGather(failure)).allMatch(String::isEmpty)) {
        throw new TrialFailed();
      }
    }

    private void open(Peers peers) {
      server =
          UpdateServer.open(
              new UpdateServer.Session(
                  session, peers.processes(), peers.ownProcess(), LENGTH, THRESHOLD, PATIENCE_S));
    }

    private void sum(Peers peers) {
      double sum = 0;
      for (int step = 0; step < STEPS; step++) {
        float[] gradient = new float[LENGTH];
        Arrays.fill(gradient, peers.ownProcess() + 1);
        server.sum(gradient, step, step == STEPS - 1, context::isInterrupted);
        sum += IntStream.range(0, LENGTH).mapToDouble(i -> gradient[i]).average().orElseThrow();
      }
      // Only all steps together: what the first keeps back comes with the last.
      int processes = peers.processes().size();
      double expected = STEPS * processes * (processes + 1) / 2.0;
      if (Math.abs(sum - expected) > 1e-3 * expected) {
        throw new PeerLost("The mean of the sum is %s and not %s.".formatted(sum, expected));
      }
    }

    private static String members(Peers peers) {
      return IntStream.range(0, peers.processes().size())
          .mapToObj(
              process -> {
                Endpoint endpoint = peers.processes().get(process);
                return "%d (executor %s) at %s"
                    .formatted(process, peers.executors().get(process), endpoint);
              })
          .collect(Collectors.joining(", "));
    }

    private void close() {
      try {
        Optional.ofNullable(server).ifPresent(UpdateServer::close);
      } catch (PeerLost e) {
        LOG.warn("After the trial exchange: {}", e.getMessage());
      }
    }
  }
}
