package flowmatching.means.parallel;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.UdpPorts;
import flowmatching.means.cluster.BarrierJob;
import flowmatching.means.cluster.PeerLost;
import flowmatching.means.parameterserver.UpdateServer;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A small exchange of gradients between all executors, to check that they reach each other. */
public final class ExchangeTrial {
  private static final Logger LOG = LoggerFactory.getLogger(ExchangeTrial.class);
  private static final int LENGTH = 4096;
  private static final int STEPS = 2;
  private static final double THRESHOLD = 0.03;

  /** Seconds that an executor waits for another. */
  private static final int PATIENCE_S = 12;

  /** Seconds for the whole trial, exceeded only if it hangs. */
  private static final int TIMEOUT_S = 30;

  private ExchangeTrial() {}

  /**
   * Lets all executors exchange gradients.
   *
   * @param slots number of task slots, one or more per executor
   * @return the endpoints of the executors, for the log
   * @throws EnvironmentFailure if executors do not reach each other, with their names
   */
  public static String run(JavaSparkContext spark, int slots, UdpPorts ports) {
    String session = UUID.randomUUID().toString();
    List<Outcome> outcomes =
        BarrierJob.run(
            spark,
            "The trial exchange between the executors",
            slots,
            TIMEOUT_S,
            (context, slot) -> new Trial(context, session).run(ports));
    List<String> failures =
        outcomes.stream().map(Outcome::failure).filter(text -> !text.isEmpty()).distinct().toList();
    if (!failures.isEmpty()) {
      throw new EnvironmentFailure(String.join(" ", failures));
    }
    return outcomes.get(0).members();
  }

  /** Result of a task; its failure is empty if it succeeded. */
  private record Outcome(String members, String failure) implements Serializable {}

  /** The trial in one task. */
  private static final class Trial {
    private final BarrierTaskContext context;
    private final String session;
    private final String executor = SparkEnv.get().executorId();
    private UpdateServer server;
    private String failure = "";

    Trial(BarrierTaskContext context, String session) {
      this.context = context;
      this.session = session + "/" + context.stageAttemptNumber();
    }

    Outcome run(UdpPorts ports) {
      Peers peers;
      try {
        peers = Peers.meet(session, context, ports);
      } catch (EnvironmentFailure e) {
        return new Outcome("", e.getMessage());
      }
      String members = members(peers);
      try {
        if (peers.processes().size() > 1 && together(peers, members, () -> open(peers))) {
          together(peers, members, () -> sum(peers));
        }
      } finally {
        close();
      }
      return new Outcome(members, failure);
    }

    /** Runs a part in the first task of each executor. Returns whether all succeeded. */
    private boolean together(Peers peers, String members, Runnable part) {
      if (peers.localIndex() == 0) {
        try {
          part.run();
        } catch (PeerLost | EnvironmentFailure e) {
          failure =
              "Executor %s did not exchange an update with the others over UDP: %s The executors are %s. Allow UDP between their hosts (train.udp-ports limits the ports), or train without it, with train.strategy=averaging."
                  .formatted(executor, e.getMessage(), members);
        }
      }
      return Arrays.stream(context.allGather(failure)).allMatch(String::isEmpty);
    }

    private void open(Peers peers) {
      server = UpdateServer.open(peers.session(session, LENGTH, THRESHOLD, PATIENCE_S));
    }

    private void sum(Peers peers) {
      double sum = 0;
      for (int step = 0; step < STEPS; step++) {
        float[] gradient = new float[LENGTH];
        Arrays.fill(gradient, peers.ownProcess() + 1);
        server.sum(gradient, step, step == STEPS - 1, context::isInterrupted);
        sum += IntStream.range(0, LENGTH).mapToDouble(i -> gradient[i]).average().orElseThrow();
      }
      // Only the sum over all steps is exact: rounding errors are sent with the last.
      int processes = peers.processes().size();
      double expected = STEPS * processes * (processes + 1) / 2.0;
      if (Math.abs(sum - expected) > 1e-3 * expected) {
        throw new PeerLost("The mean of the sum is %s and not %s.".formatted(sum, expected));
      }
    }

    private static String members(Peers peers) {
      List<Peers.Peer> processes = peers.processes();
      return IntStream.range(0, processes.size())
          .mapToObj(
              process ->
                  "%d (executor %s) at %s"
                      .formatted(
                          process,
                          processes.get(process).executor(),
                          processes.get(process).endpoint()))
          .collect(Collectors.joining(", "));
    }

    private void close() {
      try {
        if (server != null) {
          server.close();
        }
      } catch (PeerLost e) {
        LOG.warn("Closing the trial exchange failed: {}", e.getMessage());
      }
    }
  }
}
