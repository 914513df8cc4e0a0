package flowmatching.means.preflight;

import static flowmatching.means.preflight.Rule.failIf;
import static flowmatching.means.preflight.Rule.mb;

import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** Each process may take the memory that the run needs, and its container allows it. */
record MemoryRules(ToLongFunction<ProcessFacts> arrayBytes) implements Rule {

  @Override
  public Stream<Optional<String>> failures(Census census) {
    return census
        .all()
        .flatMap(process -> Stream.of(bound(process, census), container(process, census)));
  }

  /** JavaCPP refuses to allocate beyond its bound, which would end the run. */
  private Optional<String> bound(ProcessFacts process, Census census) {
    long needed = needed(process);
    return failIf(
        process.physicalBound() > 0 && process.physicalBound() < needed,
        "%s may take %s of memory, and this run needs about %s there, %s of it for the heap: pass --properties-file conf/train.properties to spark-submit, or a larger -Dorg.bytedeco.javacpp.maxphysicalbytes in spark.%s.extraJavaOptions, or give an executor fewer cores (--executor-cores, or in local mode the number in the master), so that it has fewer replicas."
            .formatted(
                process.subject(),
                mb(process.physicalBound()),
                mb(needed),
                mb(process.heap()),
                census.isDriver(process) ? "driver" : "executor"));
  }

  /** On a cluster JavaCPP must reach its bound before the kernel kills the process silently. */
  private Optional<String> container(ProcessFacts process, Census census) {
    boolean isLocal = census.executors().isEmpty();
    long needed = isLocal ? needed(process) : process.physicalBound();
    return failIf(
        process.memoryLimit() < needed,
        "%s is in a container of %s and %s %s, so that the kernel would kill it: raise the container's limit (spark.executor.memoryOverhead on Kubernetes and YARN), or lower org.bytedeco.javacpp.maxphysicalbytes and the heap."
            .formatted(
                process.subject(),
                mb(process.memoryLimit()),
                isLocal ? "needs about" : "may take",
                mb(needed)));
  }

  private long needed(ProcessFacts process) {
    return process.heap()
        + MemoryNeed.PROCESS_BYTES
        + (process.gpu() == null ? arrayBytes.applyAsLong(process) : 0);
  }
}
