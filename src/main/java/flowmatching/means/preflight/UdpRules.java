package flowmatching.means.preflight;

import static flowmatching.means.preflight.Rule.failIf;
import static flowmatching.means.preflight.Rule.mb;

import flowmatching.means.parameterserver.SharedMemory;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Executors can open UDP ports, and their hosts have shared memory for Aeron's buffers. */
final class UdpRules implements Rule {

  @Override
  public Stream<Optional<String>> failures(Census census) {
    List<ProcessFacts> executors = census.executors();
    return Stream.concat(
        executors.stream().map(UdpRules::serialFilter),
        executors.stream().collect(Collectors.groupingBy(ProcessFacts::host)).values().stream()
            .map(onHost -> sharedMemory(onHost, executors.size())));
  }

  private static Optional<String> serialFilter(ProcessFacts process) {
    return failIf(
        !process.serialFilter().isEmpty(),
        "On %s jdk.serialFilter is '%s'. Java allows one filter, and this program needs its own to open a UDP port: remove the property from spark.executor.extraJavaOptions."
            .formatted(process.name(), process.serialFilter()));
  }

  private static Optional<String> sharedMemory(List<ProcessFacts> onHost, int executors) {
    SharedMemory memory = onHost.get(0).sharedMemory();
    long needed = memory.needed(onHost.size(), executors);
    return failIf(
        memory.free() < needed,
        "%s on %s has %s free, and the updates of %d of %d executors need %s there: enlarge it (docker run --shm-size, on Kubernetes an emptyDir volume with medium Memory mounted at /dev/shm), or set train.strategy=averaging, which needs none."
            .formatted(
                memory.path(),
                onHost.get(0).host(),
                mb(memory.free()),
                onHost.size(),
                executors,
                mb(needed)));
  }
}
