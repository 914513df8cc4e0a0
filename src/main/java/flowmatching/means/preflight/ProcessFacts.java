package flowmatching.means.preflight;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.means.parameterserver.DeserialisationFilter;
import flowmatching.means.parameterserver.SharedMemory;
import flowmatching.network.backend.Gpu;
import flowmatching.network.backend.Library;
import flowmatching.network.backend.NumericIdentity;
import flowmatching.network.backend.Versions;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.Pointer;

/**
 * What a process says of itself, the driver or an executor.
 *
 * @param name for a sentence: the driver, or executor 3 on 10.0.0.7
 * @param host that it runs on
 * @param java major version
 * @param project version of this program
 * @param dl4j version
 * @param numerics that it computes with, or null where it cannot
 * @param numericsFailure why it cannot, or empty
 * @param gpus addresses of those that Spark gave it
 * @param gpu that it computes on, or null on a processor
 * @param heap most bytes of the heap
 * @param physicalBound bytes at which JavaCPP stops giving memory, of the whole process
 * @param memoryLimit bytes at which the kernel ends the process
 * @param serialFilter of the user, or empty
 * @param sharedMemory that Aeron is to use
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

  /** Makes this process compute with a library, and says what it is then. */
  static ProcessFacts ofThis(String name, String host, Library library, List<String> gpus) {
    NumericIdentity numerics = null;
    String failure = "";
    long bound = 0;
    try {
      numerics = NumericIdentity.use(library, gpus);
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
