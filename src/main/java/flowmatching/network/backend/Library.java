package flowmatching.network.backend;

import flowmatching.base.failure.EnvironmentFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The builds of ND4J's library that application jars carry: CUDA's in those for GPUs, the others,
 * best first, in the one for processors. The latter both call oneDNN; they differ in the
 * instructions they need. Every replica of a run loads the same one, since their results differ in
 * the last bits.
 */
public enum Library {
  CUDA(""),
  AVX512("avx512f avx512cd avx512bw avx512dq avx512vl"),
  AVX2("avx2 fma");

  private static final Set<Library> OF_PROCESSORS = EnumSet.of(AVX512, AVX2);

  /** JavaCPP's choice between builds of a library for one platform. */
  private static final String EXTENSION_PROPERTY = "org.bytedeco.javacpp.platform.extension";

  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  private final String instructions;

  Library(String instructions) {
    this.instructions = instructions;
  }

  /**
   * The library of this process's jar that fits this machine best.
   *
   * @throws EnvironmentFailure where there is none
   */
  public static Library best() {
    String platform = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!platform.equals("Linux amd64")) {
      throw new EnvironmentFailure(
          "ND4J's libraries in this jar are for Linux on x86-64 processors, and this machine is "
              + platform
              + ": run on a Linux x86-64 machine.");
    }
    return Backend.ofThisProcess() == Backend.CUDA ? CUDA : best(cpuInfo());
  }

  /**
   * Sees that this machine can run some library of the jar, by what can be told without loading
   * one.
   *
   * @throws EnvironmentFailure where it cannot
   */
  public static void checkMachine() {
    if (best() == CUDA) {
      NvidiaSmi.gpus();
    }
  }

  static Library best(String cpuInfo) {
    return OF_PROCESSORS.stream()
        .filter(library -> library.runsOn(cpuInfo))
        .findFirst()
        .orElseThrow(
            () ->
                new EnvironmentFailure(
                    "This machine's processor has neither AVX-512 nor AVX2 with FMA, and ND4J's"
                        + " libraries in this jar need one of them: run on a processor of 2013"
                        + " or later (Intel Haswell, AMD Zen), and in a virtual machine let the"
                        + " guest see the host's processor."));
  }

  static String cpuInfo() {
    try {
      return Files.readString(CPU_INFO);
    } catch (IOException e) {
      throw new EnvironmentFailure(
          "The processor's instructions cannot be read from " + CPU_INFO + ": " + e.getMessage(),
          e);
    }
  }

  boolean runsOn(String cpuInfo) {
    Set<String> flags =
        cpuInfo
            .lines()
            .filter(line -> line.startsWith("flags"))
            .findFirst()
            .map(
                line ->
                    Set.copyOf(List.of(line.substring(line.indexOf(':') + 1).trim().split("\\s+"))))
            .orElse(Set.of());
    return flags.containsAll(List.of(instructions.split(" ")));
  }

  /** Makes ND4J load this library, one of processors, where none is loaded yet. */
  void choose() {
    String chosen = System.getProperty(EXTENSION_PROPERTY);
    if (chosen == null) {
      checkRuns(cpuInfo());
      System.setProperty(EXTENSION_PROPERTY, extension());
    } else if (!chosen.equals(extension())) {
      throw new EnvironmentFailure(
          "This process was started with -D%s=%s, and the run uses %s: remove the option, the library is chosen at start, or pick one of %s for all processes of the run."
              .formatted(
                  EXTENSION_PROPERTY,
                  chosen,
                  extension(),
                  OF_PROCESSORS.stream()
                      .map(Library::extension)
                      .collect(Collectors.joining(", "))));
    }
  }

  /**
   * Refuses a process whose jar has another backend than the driver's, which chose this library.
   *
   * @throws EnvironmentFailure where it has
   */
  void checkBackend(Backend here) {
    if ((here == Backend.CUDA) != (this == CUDA)) {
      throw new EnvironmentFailure(
          "This run computes with ND4J's library %s, and this process has ND4J's backend for %s on its class path: run the driver and all executors with one jar, and remove others from spark.executor.extraClassPath and the folder jars of the Spark home."
              .formatted(this, here));
    }
  }

  void checkRuns(String cpuInfo) {
    if (!runsOn(cpuInfo)) {
      throw new EnvironmentFailure(
          ("The run's driver chose ND4J's library %s, and the processor of this machine lacks some of"
                  + " the instructions it needs (%s): run the driver and the executors on processors"
                  + " of one kind.")
              .formatted(this, instructions));
    }
  }

  String extension() {
    return "-onednn-" + name().toLowerCase(Locale.ROOT);
  }
}
