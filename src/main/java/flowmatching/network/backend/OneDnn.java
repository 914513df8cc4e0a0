package flowmatching.network.backend;

import flowmatching.base.failure.EnvironmentFailure;
import java.io.Serializable;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.global.dnnl.cpu_isa;

/**
 * oneDNN, which computes the network on processors. It is not the older one inside of ND4J's
 * library.
 *
 * @param version of the library, such as 3.11.0
 * @param instructions the best instruction set of those that it uses, by oneDNN's name. The
 *     environment variable ONEDNN_MAX_CPU_ISA can limit it
 */
public record OneDnn(String version, String instructions) implements Serializable {
  /** The bit of processors with AVX512_BF16 in the values of instruction sets. */
  private static final int BFLOAT16 = 0x80;

  /** On GPUs, which do not use it. */
  static final OneDnn NONE = new OneDnn("", "");

  /**
   * Loads the library with the best instructions of this machine. ND4J must be loaded before, with
   * one thread, because both share its OpenMP.
   *
   * @throws EnvironmentFailure if it cannot be loaded
   */
  static OneDnn ofThisProcess() {
    try {
      dnnl_version_t version = dnnl.dnnl_version();
      String text = "%d.%d.%d".formatted(version.major(), version.minor(), version.patch());
      return new OneDnn(text, name(dnnl.dnnl_get_effective_cpu_isa()));
    } catch (LinkageError e) {
      throw new EnvironmentFailure(
          "oneDNN's library cannot be loaded: %s. Make the folder for unpacked libraries writable (~/.javacpp, or -Dorg.bytedeco.javacpp.cachedir=FOLDER)."
              .formatted(ExceptionUtils.getRootCause(e)),
          e);
    }
  }

  /** As {@link #ofThisProcess}, without better instructions than these, the driver's. */
  OneDnn adopt() {
    // It has no effect if the process has used them, as the driver itself has.
    set().ifPresent(set -> dnnl.dnnl_set_max_cpu_isa(set.value));
    return ofThisProcess();
  }

  /** Whether the processor multiplies 16-bit floats. Otherwise oneDNN would emulate it. */
  boolean hasBfloat16() {
    return set().filter(set -> (set.value & BFLOAT16) != 0).isPresent();
  }

  private Optional<cpu_isa> set() {
    return sets().filter(set -> name(set).equals(instructions)).findFirst();
  }

  private static String name(int instructions) {
    return sets()
        .filter(set -> set.value == instructions)
        .findFirst()
        .map(OneDnn::name)
        .orElse(Integer.toHexString(instructions));
  }

  private static String name(cpu_isa set) {
    return set.name().toUpperCase(Locale.ROOT);
  }

  private static Stream<cpu_isa> sets() {
    return Stream.of(cpu_isa.values());
  }
}
