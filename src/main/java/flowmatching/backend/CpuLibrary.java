package flowmatching.backend;

import flowmatching.failure.EnvironmentFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The builds of ND4J's CPU library that the application jar carries, best first. Both call oneDNN;
 * they differ in the instructions they need. Every replica of a run loads the same one, since their
 * results differ in the last bits.
 */
public enum CpuLibrary {
  AVX512("avx512f avx512cd avx512bw avx512dq avx512vl"),
  AVX2("avx2 fma");

  /** JavaCPP's choice between builds of a library for one platform. */
  private static final String EXTENSION_PROPERTY = "org.bytedeco.javacpp.platform.extension";

  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  private final String instructions;

  CpuLibrary(String instructions) {
    this.instructions = instructions;
  }

  /**
   * The best library that this machine's processor can run.
   *
   * @throws EnvironmentFailure where there is none
   */
  public static CpuLibrary best() {
    String platform = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!platform.equals("Linux amd64")) {
      throw new EnvironmentFailure(
          "ND4J's libraries in this jar are for Linux on x86-64 processors, and this machine is "
              + platform
              + ": run on a Linux x86-64 machine.");
    }
    return best(cpuInfo());
  }

  static CpuLibrary best(String cpuInfo) {
    return Arrays.stream(values())
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

  private static String cpuInfo() {
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

  /**
   * Makes ND4J load this library and compute with one thread an operation, so that a result does
   * not depend on the machine's number of cores. To be called before ND4J's first use in the
   * process; every task of a run calls it first of all, so that executors do as the driver does.
   * Calls after the first only check that they ask for the same.
   *
   * @throws EnvironmentFailure where the processor cannot run this library, or the process was told
   *     to load another one or computes with more threads already
   */
  public void use() {
    choose();
    NativeThreads.settle();
  }

  private void choose() {
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
                  Arrays.stream(values())
                      .map(CpuLibrary::extension)
                      .collect(Collectors.joining(", "))));
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
