package flowmatching.means.preflight;

import flowmatching.base.settings.Settings;
import flowmatching.base.settings.TrainSettings.Strategy;
import flowmatching.means.parameterserver.SharedMemory;
import flowmatching.network.ThreadedNetwork;
import flowmatching.network.backend.Gpu;
import flowmatching.network.backend.NumericIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a run needs of its processes. Each rule gives a sentence for what does not hold.
 *
 * @param replicas that train together
 * @param threads of each
 */
record Requirements(Census census, Settings settings, MemoryNeed need, int replicas, int threads) {
  private static final int JAVA = 17;

  /** Validation has as many images a batch, and keeps half of what training does for each. */
  private static final int LEAST_IMAGES = ThreadedNetwork.PIECE_IMAGES / 2;

  /** All that does not hold. */
  List<String> failures() {
    List<String> failures = new ArrayList<>();
    census
        .all()
        .forEach(
            process ->
                Stream.of(
                        java(process),
                        version(process),
                        numerics(process),
                        bound(process),
                        container(process),
                        oneReplicaAGpu(process))
                    .flatMap(Optional::stream)
                    .forEach(failures::add));
    failures.addAll(gpus());
    if (sendsUpdates()) {
      census.executors().forEach(process -> filter(process).ifPresent(failures::add));
      sharedMemory().forEach(failures::add);
    }
    return failures;
  }

  /** Whether executors send each other updates over UDP. */
  boolean sendsUpdates() {
    return settings.train().strategy() == Strategy.PARAMETER_SERVER
        && census.executors().size() > 1;
  }

  Optional<String> java(ProcessFacts process) {
    return sentence(
        process.java() != JAVA,
        () ->
            "%s runs on Java %d, and this program is made for Java %d: set JAVA_HOME there, or spark.executorEnv.JAVA_HOME."
                .formatted(capital(process.name()), process.java(), JAVA));
  }

  Optional<String> version(ProcessFacts process) {
    ProcessFacts driver = census.driver();
    return sentence(
        !Objects.equals(process.project(), driver.project())
            || !Objects.equals(process.dl4j(), driver.dl4j()),
        () ->
            "%s has version %s of this program with DL4J %s, and the driver has %s with DL4J %s: remove the other jar from its class path (spark.executor.extraClassPath, and the folder jars of its Spark home)."
                .formatted(
                    capital(process.name()),
                    process.project(),
                    process.dl4j(),
                    driver.project(),
                    driver.dl4j()));
  }

  Optional<String> numerics(ProcessFacts process) {
    NumericIdentity drivers = census.driver().numerics();
    if (!process.numericsFailure().isEmpty()) {
      return Optional.of(
          "%s cannot compute: %s".formatted(capital(process.name()), process.numericsFailure()));
    }
    return sentence(
        drivers != null && !drivers.equals(process.numerics()),
        () ->
            "%s computes otherwise than the driver, so that results would depend on who makes them: %s there, %s on the driver. Run all on processors, or GPUs, of one kind."
                .formatted(capital(process.name()), process.numerics(), drivers));
  }

  /** Beyond its bound JavaCPP gives no memory, and what ends then is the run. */
  Optional<String> bound(ProcessFacts process) {
    long needed = needed(process);
    return sentence(
        process.physicalBound() > 0 && process.physicalBound() < needed,
        () ->
            "%s may take %s of memory, and this run needs about %s there, %s of it for the heap: give spark-submit --properties-file conf/train.properties, or a larger -Dorg.bytedeco.javacpp.maxphysicalbytes in spark.%s.extraJavaOptions (in force: %s), or give fewer cores to an executor (--executor-cores; in local mode to the master), so that it has fewer replicas."
                .formatted(
                    capital(process.name()),
                    mb(process.physicalBound()),
                    mb(needed),
                    mb(process.heap()),
                    census.isDriver(process) ? "driver" : "executor",
                    mb(process.physicalBound())));
  }

  /** On a cluster the bound must be reached before the kernel ends the process without a word. */
  Optional<String> container(ProcessFacts process) {
    boolean isAlone = census.executors().isEmpty();
    long needed = isAlone ? needed(process) : process.physicalBound();
    return sentence(
        process.memoryLimit() < needed,
        () ->
            "%s is in a container of %s and %s %s, so that the kernel would end it: raise the container's limit (spark.executor.memoryOverhead on Kubernetes and YARN), or lower org.bytedeco.javacpp.maxphysicalbytes and the heap."
                .formatted(
                    capital(process.name()),
                    mb(process.memoryLimit()),
                    isAlone ? "needs about" : "may take",
                    mb(needed)));
  }

  private long needed(ProcessFacts process) {
    return process.heap()
        + MemoryNeed.PROCESS_BYTES
        + (process.gpu() == null ? ofArrays(process) : 0);
  }

  /** Outside the heap, or on the GPU. */
  private long ofArrays(ProcessFacts process) {
    int images = Math.max(settings.train().batchSize() / replicas, LEAST_IMAGES);
    int here = Math.min(census.slots().getOrDefault(process.name(), 1), replicas);
    boolean trains = !census.isDriver(process) || census.executors().isEmpty();
    return trains
        ? need.ofArrays(here, images, threads)
        : need.ofArrays(1, settings.train().preview().count(), 1);
  }

  /** Replicas of one GPU would take turns on it, and each would need its memory. */
  Optional<String> oneReplicaAGpu(ProcessFacts process) {
    int slots = census.slots().getOrDefault(process.name(), 1);
    return sentence(
        process.gpu() != null && slots > 1,
        () ->
            "%s has one GPU and %d task slots, and a GPU has one replica: give Spark conf/gpu.properties (spark.task.resource.gpu.amount 1), in local mode train.workers=1."
                .formatted(capital(process.name()), slots));
  }

  /** What no two executors may share, and what all processes on it need of its memory. */
  List<String> gpus() {
    Map<String, List<ProcessFacts>> byGpu =
        census
            .all()
            .filter(process -> process.gpu() != null)
            .collect(
                Collectors.groupingBy(
                    process -> process.gpu().uuid(), TreeMap::new, Collectors.toList()));
    return byGpu.values().stream()
        .flatMap(users -> Stream.of(sharedGpu(users), gpuMemory(users)))
        .flatMap(Optional::stream)
        .toList();
  }

  private Optional<String> sharedGpu(List<ProcessFacts> users) {
    List<String> executors =
        users.stream()
            .filter(process -> !census.isDriver(process))
            .map(ProcessFacts::name)
            .toList();
    Gpu gpu = users.get(0).gpu();
    boolean notAlone = gpu.exclusive() && users.size() > 1;
    return sentence(
        executors.size() > 1 || notAlone,
        () ->
            "%s is taken more than once, by %s%s: give each executor a GPU of its own, see what the discovery scripts of the workers print (submit/gpu-discovery.sh).%s"
                .formatted(
                    gpu,
                    users.stream().map(ProcessFacts::name).collect(Collectors.joining(" and ")),
                    gpu.exclusive() ? ", and its driver lets one process compute on it" : "",
                    notAlone
                        ? " The run's driver needs one as well, or nvidia-smi --compute-mode=DEFAULT."
                        : ""));
  }

  /**
   * By what a processor needs, whose kernels keep less between them than the operations that
   * compute on a GPU.
   */
  private Optional<String> gpuMemory(List<ProcessFacts> users) {
    long needed = users.stream().mapToLong(this::ofArrays).sum();
    Gpu gpu = users.get(0).gpu();
    // The first that was on it took some before the next one asked.
    long free = users.stream().mapToLong(process -> process.gpu().freeMemory()).max().orElse(0);
    return sentence(
        free < needed,
        () ->
            "%s on %s has %s free of %s, and this run needs at least %s there: give a smaller train.batch-size or more executors, or end what else computes on it (nvidia-smi lists it)."
                .formatted(gpu, users.get(0).host(), mb(free), mb(gpu.memory()), mb(needed)));
  }

  Optional<String> filter(ProcessFacts process) {
    return sentence(
        !process.serialFilter().isEmpty(),
        () ->
            "On %s jdk.serialFilter is '%s', and Java allows one filter, which must be this program's own where a UDP port is open: remove the property from spark.executor.extraJavaOptions."
                .formatted(process.name(), process.serialFilter()));
  }

  /** Executors of one host may share its shared memory. */
  List<String> sharedMemory() {
    int all = census.executors().size();
    Map<String, List<ProcessFacts>> hosts =
        census.executors().stream().collect(Collectors.groupingBy(ProcessFacts::host));
    return hosts.entrySet().stream()
        .flatMap(
            host -> {
              SharedMemory memory = host.getValue().get(0).sharedMemory();
              int here = host.getValue().size();
              long needed = memory.needed(here, all);
              return sentence(
                  memory.free() < needed,
                  () ->
                      "%s on %s has %s free, and the updates of %d of %d executors need %s there: enlarge it (docker run --shm-size, on Kubernetes a volume emptyDir with medium Memory mounted at /dev/shm), or give train.strategy=averaging, which needs none."
                          .formatted(
                              memory.path(),
                              host.getKey(),
                              mb(memory.free()),
                              here,
                              all,
                              mb(needed)))
                  .stream();
            })
        .toList();
  }

  private static Optional<String> sentence(boolean fails, Supplier<String> words) {
    return fails ? Optional.of(words.get()) : Optional.empty();
  }

  private static String capital(String name) {
    return Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }

  private static String mb(long bytes) {
    return (bytes >> 20) + " MB";
  }
}
