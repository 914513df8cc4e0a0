package flowmatching.means.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.Job;
import flowmatching.base.settings.Precision;
import flowmatching.base.settings.Settings;
import flowmatching.means.parameterserver.SharedMemory;
import flowmatching.network.backend.Capability;
import flowmatching.network.backend.Gpu;
import flowmatching.network.backend.Library;
import flowmatching.network.backend.NumericIdentity;
import flowmatching.network.backend.OneDnn;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A driver and two executors on one host; each test changes one fact. */
class RequirementsTest {
  private static final long GB = 1L << 30;
  private static final NumericIdentity NUMERICS =
      new NumericIdentity(
          "M2.1",
          Library.AVX2,
          "AVX2",
          "Haswell",
          new OneDnn("3.11.0", "AVX2"),
          Precision.FLOAT32,
          2);
  private static final MemoryNeed ONE_GB_PER_IMAGE = new MemoryNeed(GB / 12, 0, 0);

  @Test
  void aGoodClusterHasNoFailures() {
    assertThat(failures(good())).isEmpty();
  }

  @Test
  void anotherJavaIsNamedWithItsExecutor() {
    assertThat(failures(new Change().java(21)))
        .singleElement()
        .asString()
        .startsWith("Executor 1 on node runs on Java 21")
        .contains("Java 17", "JAVA_HOME");
  }

  @Test
  void anotherVersionIsNamedWithItsExecutor() {
    assertThat(failures(new Change().project("0.0.9")))
        .singleElement()
        .asString()
        .startsWith("Executor 1 on node has version 0.0.9")
        .contains("the driver has 1", "spark.executor.extraClassPath");
  }

  @Test
  void anotherProcessorIsNamedWithItsExecutor() {
    NumericIdentity other =
        new NumericIdentity(
            "M2.1",
            Library.AVX2,
            "AVX512",
            "SkylakeX",
            new OneDnn("3.11.0", "AVX2"),
            Precision.FLOAT32,
            2);
    assertThat(failures(new Change().numerics(other)))
        .singleElement()
        .asString()
        .startsWith("Executor 1 on node uses different numerics from the driver")
        .contains("SkylakeX", "Haswell", "of one kind");
  }

  @Test
  void anExecutorThatCannotComputeReportsWhy() {
    assertThat(failures(new Change().numerics(null).numericsFailure("It has no AVX2.")))
        .containsExactly("Executor 1 on node cannot compute: It has no AVX2.");
  }

  @Test
  void aMemoryBoundBelowTheNeedNamesTheFlag() {
    // A heap of 1 GB, a piece of 32 images, and ND4J itself.
    assertThat(failures(new Change().bound(32 * GB)))
        .singleElement()
        .asString()
        .startsWith("Executor 1 on node may take 32768 MB")
        .contains("needs about 34091 MB", "org.bytedeco.javacpp.maxphysicalbytes")
        .contains("spark.executor.extraJavaOptions", "--properties-file conf/train.properties");
  }

  @Test
  void eachThreadOfAReplicaNeedsMemory() {
    assertThat(ONE_GB_PER_IMAGE.ofArrays(1, 256, 2, 64) - ONE_GB_PER_IMAGE.ofArrays(1, 256, 1, 64))
        .isEqualTo(64 * (GB / 12) * 12);
    MemoryNeed scores = new MemoryNeed(0, GB / 8, 0);
    assertThat(scores.ofArrays(2, 256, 3, 64) - scores.ofArrays(1, 256, 3, 64)).isEqualTo(3 * GB);
  }

  @Test
  void aContainerSmallerThanTheBoundIsRefused() {
    assertThat(failures(new Change().limit(199 * GB)))
        .singleElement()
        .asString()
        .contains("Executor 1 on node is in a container of 203776 MB", "memoryOverhead");
  }

  @Test
  void aSerialFilterIsRefusedOnlyIfAPortIsOpened() {
    assertThat(failures(new Change().filter("!*")))
        .singleElement()
        .asString()
        .contains("On executor 1 on node jdk.serialFilter is '!*'");
    assertThat(failures(new Change().filter("!*"), "train.strategy=averaging")).isEmpty();
  }

  @Test
  void sharedMemoryIsSummedOverTheExecutorsOfAHost() {
    SharedMemory small = new SharedMemory("/dev/shm", 64L << 20, 4L << 20, List.of());
    // 9 MB per process, and 12 MB for each end of both directions between the two.
    assertThat(failures(new Change().memory(small)))
        .singleElement()
        .asString()
        .startsWith(
            "/dev/shm on node has 64 MB free, and the updates of 2 of 2 executors need 66 MB")
        .contains("--shm-size", "emptyDir");
    assertThat(failures(new Change().memory(small), "train.strategy=averaging")).isEmpty();
  }

  @Test
  void allFailuresAreReportedTogetherWithExitCode3() {
    List<String> failures = failures(new Change().java(21).project("0.0.9").filter("!*"));
    assertThat(failures).hasSize(3);
    assertThatThrownBy(() -> Preflight.refuse(failures))
        .isInstanceOfSatisfying(
            EnvironmentFailure.class, failure -> assertThat(failure.exitCode()).isEqualTo(3))
        .hasMessageContainingAll(failures.toArray(String[]::new));
    Preflight.refuse(List.of());
  }

  @Test
  void onAGpuTheArraysNeedItsMemoryInsteadOfTheMachines() {
    // 64 images of a batch of 256 at once for each of the two executors.
    assertThat(failures(new Change().gpu(gpu("a", 65, false)).bound(2 * GB))).isEmpty();
    assertThat(failures(new Change().gpu(gpu("a", 63, false)).bound(2 * GB)))
        .singleElement()
        .asString()
        .startsWith("GPU 0 (NVIDIA A10, compute capability 8.6) on node has 64512 MB free of")
        .contains("needs at least 65535 MB", "smaller train.batch-size", "nvidia-smi");
  }

  @Test
  void aGpuOfTwoExecutorsIsRefused() {
    Gpu gpu = gpu("a", 200, false);
    assertThat(failures(census(good().gpu(gpu), good().gpu(gpu), good())))
        .singleElement()
        .asString()
        .startsWith("GPU 0 (NVIDIA A10, compute capability 8.6) is taken more than once, by")
        .contains("executor 1 on node and executor 2 on node", "submit/gpu-discovery.sh");
  }

  @Test
  void theDriverMayShareAGpuWithMemoryForBoth() {
    Gpu gpu = gpu("a", 66, false);
    Gpu other = gpu("b", 66, false);
    assertThat(failures(census(good().gpu(gpu), good().gpu(other), good().gpu(gpu)))).isEmpty();
    Gpu small = gpu("a", 64, false);
    assertThat(failures(census(good().gpu(small), good().gpu(other), good().gpu(small))))
        .singleElement()
        .asString()
        .contains("needs at least 66559 MB");
  }

  @Test
  void theDriverMayNotShareAnExclusiveGpu() {
    Gpu gpu = gpu("a", 200, true);
    Gpu other = gpu("b", 200, true);
    assertThat(failures(census(good().gpu(gpu), good().gpu(other), good().gpu(gpu))))
        .singleElement()
        .asString()
        .contains("the driver and executor 1 on node", "--compute-mode=DEFAULT");
  }

  @Test
  void aGpuRunsOneReplica() {
    Census census = census(good().gpu(gpu("a", 200, false)), good(), good());
    Census crowded =
        new Census(
            census.driver(),
            census.executors(),
            Map.of("executor 1 on node", 3, "executor 2 on node", 1));
    assertThat(failures(crowded))
        .filteredOn(failure -> failure.contains("task slots"))
        .singleElement()
        .asString()
        .startsWith("Executor 1 on node has one GPU and 3 task slots")
        .contains("spark.task.resource.gpu.amount 1", "train.workers=1");
  }

  private static Gpu gpu(String uuid, long freeGb, boolean exclusive) {
    return new Gpu(
        0, uuid, "NVIDIA A10", new Capability(8, 6), 200 * GB, freeGb * GB, exclusive, false);
  }

  private static Census census(Change first, Change second, Change driver) {
    return new Census(
        driver.of("the driver"),
        List.of(first.of("executor 1 on node"), second.of("executor 2 on node")),
        Map.of("executor 1 on node", 1, "executor 2 on node", 1));
  }

  private static Change good() {
    return new Change();
  }

  private List<String> failures(Change ofFirstExecutor, String... arguments) {
    return failures(census(ofFirstExecutor, good(), good()), arguments);
  }

  private static List<String> failures(Census census, String... arguments) {
    List<String> all = new ArrayList<>(List.of("train.output=run", "train.preview.count=1"));
    all.addAll(List.of(arguments));
    Settings settings = Settings.read(Job.TRAIN, LocalDate.of(2026, 11, 24), List.of(), all);
    return new Requirements(census, settings, ONE_GB_PER_IMAGE, 2, 1).failures();
  }

  /** The facts of a process, good unless changed. */
  private static final class Change {
    private int java = 17;
    private String project = "1";
    private NumericIdentity numerics = NUMERICS;
    private String numericsFailure = "";
    private Gpu gpu;
    private long bound = 200 * GB;
    private long limit = MemoryLimit.NONE;
    private String filter = "";
    private SharedMemory memory = new SharedMemory("/dev/shm", GB, 4L << 20, List.of());

    Change java(int value) {
      java = value;
      return this;
    }

    Change project(String value) {
      project = value;
      return this;
    }

    Change numerics(NumericIdentity value) {
      numerics = value;
      return this;
    }

    Change numericsFailure(String value) {
      numericsFailure = value;
      return this;
    }

    Change gpu(Gpu value) {
      gpu = value;
      return this;
    }

    Change bound(long value) {
      bound = value;
      return this;
    }

    Change limit(long value) {
      limit = value;
      return this;
    }

    Change filter(String value) {
      filter = value;
      return this;
    }

    Change memory(SharedMemory value) {
      memory = value;
      return this;
    }

    ProcessFacts of(String name) {
      return new ProcessFacts(
          name,
          "node",
          java,
          project,
          "M2.1",
          numerics,
          numericsFailure,
          List.of(),
          gpu,
          GB,
          bound,
          limit,
          filter,
          memory);
    }
  }
}
