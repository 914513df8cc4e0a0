package flowmatching.means.preflight;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.means.parameterserver.DeserialisationFilter;
import flowmatching.means.parameterserver.SharedMemory;
import flowmatching.network.backend.Gpu;
import flowmatching.network.backend.NumericIdentity;
import flowmatching.network.backend.Versions;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;

/**
 * Facts of the driver or an executor, found in its process.
 *
 * @param name in messages: the driver, or executor 3 on 10.0.0.7
 * @param java major version
 * @param project version of this program
 * @param numerics that it computes with, or null if it cannot compute
 * @param numericsFailure why it cannot compute, or empty
 * @param gpus addresses of the GPUs that Spark gave it
 * @param gpu that it computes on, or null on a processor
 * @param heap most bytes of the heap
 * @param physicalBound bytes of the whole process beyond which JavaCPP allocates nothing
 * @param memoryLimit bytes beyond which the kernel kills the process
 * @param serialFilter of the user, or empty
 */
record ProcessFacts(
    String name,
    String host,
    int java,
    String project,
    String dl4j,
    NumericIdentity numerics,
    String numericsFailure,
    List<String> gpus,
    Gpu gpu,
    long heap,
    long physicalBound,
    long memoryLimit,
    String serialFilter,
    SharedMemory sharedMemory)
    implements Serializable {

  /** The name at the start of a sentence. */
  String subject() {
    return Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }

  /**
   * Sets up this process, and collects its facts.
   *
   * @param setUp returns the numerics, or throws an {@link EnvironmentFailure}
   */
  static ProcessFacts ofThis(
      String name, String host, List<String> gpus, Supplier<NumericIdentity> setUp) {
    NumericIdentity numerics = null;
    String failure = "";
    long bound = 0;
    try {
      numerics = setUp.get();
      // JavaCPP takes its settings when ND4J is loaded.
      bound = Pointer.maxPhysicalBytes();
    } catch (EnvironmentFailure e) {
      failure = e.getMessage();
    }
    Versions versions = Versions.ofThisBuild();
    return new ProcessFacts(
        name,
        host,
        Runtime.version().feature(),
        versions.project(),
        versions.dl4j(),
        numerics,
        failure,
        gpus,
        Gpu.ofThisProcess().orElse(null),
        Runtime.getRuntime().maxMemory(),
        bound,
        new MemoryLimit(Path.of("/")).bytes(),
        DeserialisationFilter.other().orElse(""),
        SharedMemory.here());
  }
}
