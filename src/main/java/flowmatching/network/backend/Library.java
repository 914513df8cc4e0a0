package flowmatching.network.backend;

import flowmatching.base.failure.EnvironmentFailure;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The builds of ND4J's native library in this program's jars: CUDA in the jars for GPUs, the others
 * in the jar for processors, best first. Both builds for processors call oneDNN and need different
 * instruction sets. All processes of a run load the same build, because results of different builds
 * differ in the last bits.
 */
public enum Library {
  CUDA(""),
  AVX512("avx512f avx512cd avx512bw avx512dq avx512vl"),
  AVX2("avx2 fma");

  private static final List<Library> OF_PROCESSORS = List.of(AVX512, AVX2);

  /** Selects between JavaCPP's builds of a library for one platform. */
  private static final String EXTENSION_PROPERTY = "org.bytedeco.javacpp.platform.extension";

  private final String instructions;

  Library(String instructions) {
    this.instructions = instructions;
  }

  /**
   * The best library of this process's jar for this machine.
   *
   * @throws EnvironmentFailure if none runs here
   */
  public static Library best() {
    String platform = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!platform.equals("Linux amd64")) {
      throw new EnvironmentFailure(
          "ND4J's libraries in this jar are for Linux on x86-64 processors, and this machine is %s: run on a Linux x86-64 machine."
              .formatted(platform));
    }
    return Backend.ofThisProcess() == Backend.CUDA ? CUDA : best(Processor.ofThisMachine());
  }

  /**
   * Checks, without loading a library, that this machine can run one of the jar.
   *
   * @throws EnvironmentFailure if it cannot
   */
  public static void checkMachine() {
    if (best() == CUDA) {
      NvidiaSmi.gpus();
    }
  }

  static Library best(Processor processor) {
    return OF_PROCESSORS.stream()
        .filter(library -> library.runsOn(processor))
        .findFirst()
        .orElseThrow(
            () ->
                new EnvironmentFailure(
                    "This machine's processor has neither AVX-512 nor AVX2 with FMA, and ND4J's"
                        + " libraries in this jar need one of them: run on a processor of 2013 or"
                        + " later (Intel Haswell, AMD Zen), and let a virtual machine's guest see"
                        + " the host's processor."));
  }

  private boolean runsOn(Processor processor) {
    return processor.flags().containsAll(List.of(instructions.split(" ")));
  }

  /**
   * Makes ND4J load this build, if it has not loaded one yet. Not for CUDA.
   *
   * @throws EnvironmentFailure if this machine cannot run it, or the process uses another build
   */
  void select() {
    String selected = System.getProperty(EXTENSION_PROPERTY);
    if (selected == null) {
      checkRuns(Processor.ofThisMachine());
      System.setProperty(EXTENSION_PROPERTY, extension());
    } else if (!selected.equals(extension())) {
      throw new EnvironmentFailure(
          "This process was started with -D%s=%s, and the run uses %s: remove the option, because the program sets it, or use one of %s in all processes of the run."
              .formatted(
                  EXTENSION_PROPERTY,
                  selected,
                  extension(),
                  OF_PROCESSORS.stream()
                      .map(Library::extension)
                      .collect(Collectors.joining(", "))));
    }
  }

  /**
   * Checks that this process's backend can load this library, which the driver selected.
   *
   * @throws EnvironmentFailure if it cannot
   */
  void checkBackend(Backend here) {
    if ((here == Backend.CUDA) != (this == CUDA)) {
      throw new EnvironmentFailure(
          "This run computes with ND4J's library %s, and this process has ND4J's backend for %s on its class path: run the driver and all executors with one jar, and remove others from spark.executor.extraClassPath and the jars folder of the Spark home."
              .formatted(this, here));
    }
  }

  void checkRuns(Processor processor) {
    if (!runsOn(processor)) {
      throw new EnvironmentFailure(
          "The run's driver selected ND4J's library %s, and this machine's processor lacks some of the instruction sets it needs (%s): run the driver and the executors on processors of one kind."
              .formatted(this, instructions));
    }
  }

  private String extension() {
    return "-onednn-" + name().toLowerCase(Locale.ROOT);
  }
}
