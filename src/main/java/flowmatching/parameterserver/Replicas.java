package flowmatching.parameterserver;

import flowmatching.unet.NetworkState;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.optimize.solvers.accumulation.EncodedGradientsAccumulator;
import org.deeplearning4j.parallelism.ParallelWrapper;
import org.deeplearning4j.parallelism.trainer.Trainer;
import org.deeplearning4j.spark.parameterserver.networking.v2.WiredEncodingHandler;
import org.deeplearning4j.spark.parameterserver.pw.SharedTrainingWrapper;

/**
 * The networks that DL4J trains in this JVM. DL4J keeps them in a static object with no way in, and
 * never brings them up to date again after the first fit; hence the reflection, all of it here.
 */
final class Replicas {
  private final SharedTrainingWrapper wrapper;

  private Replicas(SharedTrainingWrapper wrapper) {
    this.wrapper = wrapper;
  }

  /** The replicas of the training master with that id. */
  static Replicas of(int trainingMaster) {
    return new Replicas(SharedTrainingWrapper.getInstance(trainingMaster));
  }

  /** Whether DL4J has made them yet. */
  boolean exist() {
    return read(wrapper, "originalModel") != null;
  }

  /**
   * Sets every replica to the state, tells its steps to the listener, and lets it share updates in
   * our way. Training must be idle.
   */
  void start(NetworkState state, TrainingListener listener, ReplicaLayout layout) {
    ParallelWrapper parallel = (ParallelWrapper) read(wrapper, "wrapper");
    SharedUpdates updates = updates(layout);
    if (parallel != null) {
      // Before its first fit it has no networks yet: it will copy the original and these.
      parallel.setListeners(listener);
      write(parallel, "gradientsAccumulator", updates);
    }
    if (layout.jvms() == 1) {
      // Nobody else listens, and the server's threads would poll for nothing.
      ParameterServer.shutDownTransport();
    }
    set(state);
    for (ComputationGraph network : networks()) {
      network.setListeners(listener);
      network.setGradientsAccumulator(updates);
    }
  }

  /** Sets every replica to the state. Training must be idle. */
  void set(NetworkState state) {
    networks().forEach(state::applyTo);
  }

  private SharedUpdates updates(ReplicaLayout layout) {
    var former = (EncodedGradientsAccumulator) read(wrapper, "accumulator");
    if (former instanceof SharedUpdates updates) {
      return updates;
    }
    var encoder = (WiredEncodingHandler) former.getHandler();
    long parameters = networks().get(0).params().length();
    SharedUpdates updates = new SharedUpdates(former, encoder, parameters, layout);
    write(wrapper, "accumulator", updates);
    return updates;
  }

  /** The networks that are trained: one a worker of this JVM. */
  List<ComputationGraph> networks() {
    List<ComputationGraph> networks = new ArrayList<>();
    ParallelWrapper parallel = (ParallelWrapper) read(wrapper, "wrapper");
    Trainer[] trainers = parallel == null ? null : (Trainer[]) read(parallel, "zoo");
    if (trainers == null) {
      networks.add((ComputationGraph) read(wrapper, "originalModel"));
    } else {
      for (Trainer trainer : trainers) {
        networks.add((ComputationGraph) trainer.getModel());
      }
    }
    return networks;
  }

  private static Object read(Object owner, String name) {
    try {
      return field(owner, name).get(owner);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("DL4J's " + owner.getClass() + " hides " + name, e);
    }
  }

  private static void write(Object owner, String name, Object value) {
    try {
      field(owner, name).set(owner, value);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("DL4J's " + owner.getClass() + " hides " + name, e);
    }
  }

  private static Field field(Object owner, String name) {
    for (Class<?> type = owner.getClass(); type != null; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (field.getName().equals(name)) {
          field.setAccessible(true);
          return field;
        }
      }
    }
    throw new IllegalStateException(
        "DL4J's %s has no field %s: this is not the release that the program is made for"
            .formatted(owner.getClass(), name));
  }
}
