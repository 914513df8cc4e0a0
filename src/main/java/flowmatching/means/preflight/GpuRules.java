package flowmatching.means.preflight;

import static flowmatching.means.preflight.Rule.failIf;
import static flowmatching.means.preflight.Rule.mb;

import flowmatching.network.backend.Gpu;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Each executor has its own GPU with one replica, and the GPU's memory suffices. */
record GpuRules(ToLongFunction<ProcessFacts> arrayBytes) implements Rule {

  @Override
  public Stream<Optional<String>> failures(Census census) {
    Map<String, List<ProcessFacts>> usersByGpu =
        census
            .all()
            .filter(process -> process.gpu() != null)
            .collect(
                Collectors.groupingBy(
                    process -> process.gpu().uuid(), TreeMap::new, Collectors.toList()));
    return Stream.concat(
        census.all().map(process -> oneReplica(process, census)),
        usersByGpu.values().stream()
            .flatMap(users -> Stream.of(shared(users, census), memory(users))));
  }

  /** Replicas on one GPU would take turns, and each would need its own memory. */
  private static Optional<String> oneReplica(ProcessFacts process, Census census) {
    return failIf(
        process.gpu() != null && census.slotsOf(process) > 1,
        "%s has one GPU and %d task slots, and a GPU runs one replica: pass conf/gpu.properties to Spark (spark.task.resource.gpu.amount 1), or set train.workers=1 in local mode."
            .formatted(process.subject(), census.slotsOf(process)));
  }

  private static Optional<String> shared(List<ProcessFacts> users, Census census) {
    Gpu gpu = users.get(0).gpu();
    boolean excludes = gpu.exclusive() && users.size() > 1;
    return failIf(
        excludes || users.stream().filter(process -> !census.isDriver(process)).count() > 1,
        "%s is taken more than once, by %s%s: give each executor its own GPU, and check what the discovery scripts of the workers print (submit/gpu-discovery.sh).%s"
            .formatted(
                gpu,
                users.stream().map(ProcessFacts::name).collect(Collectors.joining(" and ")),
                gpu.exclusive() ? ", and its compute mode allows one process" : "",
                excludes
                    ? " The run's driver needs its own GPU as well, or nvidia-smi --compute-mode=DEFAULT."
                    : ""));
  }

  /** Estimated as on a processor, where kernels keep fewer intermediate values than on a GPU. */
  private Optional<String> memory(List<ProcessFacts> users) {
    Gpu gpu = users.get(0).gpu();
    long needed = users.stream().mapToLong(arrayBytes).sum();
    // The first process had taken some memory before the next one asked.
    long free = users.stream().mapToLong(process -> process.gpu().freeMemory()).max().orElse(0);
    return failIf(
        free < needed,
        "%s on %s has %s free of %s, and this run needs at least %s there: set a smaller train.batch-size, use more executors, or end other programs on it (nvidia-smi lists them)."
            .formatted(gpu, users.get(0).host(), mb(free), mb(gpu.memory()), mb(needed)));
  }
}
