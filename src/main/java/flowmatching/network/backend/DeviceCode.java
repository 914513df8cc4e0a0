package flowmatching.network.backend;

import flowmatching.base.failure.EnvironmentFailure;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The GPU code of a library: machine code for some capabilities, and PTX, which the driver compiles
 * for any card of the same or a higher capability. A library has a fat binary per source file, and
 * a card needs code in each; therefore this is the intersection of all of them.
 *
 * <p>NVIDIA does not publish the format of a fat binary. cuobjdump shows a header (magic number,
 * version, bytes of the header, bytes of the rest), then entries, each with its kind, bytes of its
 * header, bytes of its content, and its capability.
 *
 * @param machine capabilities of the machine code
 * @param ptx capabilities of the PTX
 */
record DeviceCode(SortedSet<Capability> machine, SortedSet<Capability> ptx) {
  private static final String SECTION = ".nv_fatbin";
  private static final int MAGIC = 0xba55ed50;
  private static final int ALIGNMENT = 8;
  private static final int HEADER_BYTES = 16;
  private static final int ENTRY_BYTES = 64;
  private static final int KIND_PTX = 1;
  private static final int KIND_MACHINE = 2;

  /**
   * Reads a library.
   *
   * @throws EnvironmentFailure if it cannot be read, or has no code for any card
   */
  static DeviceCode of(Path library) {
    try {
      ByteBuffer section =
          new ElfFile(library)
              .section(SECTION)
              .orElseThrow(() -> new IOException("it has no code for GPUs"));
      DeviceCode code = read(section);
      if (code.machine.isEmpty() && code.ptx.isEmpty()) {
        throw new IOException("no GPU finds code in all of its parts");
      }
      return code;
    } catch (IOException | BufferUnderflowException | IndexOutOfBoundsException e) {
      throw new EnvironmentFailure(
          "ND4J's library for GPUs, which was unpacked to %s, cannot be read: %s. Remove the file, so that it is unpacked again. If that does not help, the jar is damaged: copy or build it again."
              .formatted(library, e.getMessage()),
          e);
    }
  }

  private static DeviceCode read(ByteBuffer section) throws IOException {
    DeviceCode all = null;
    while (section.remaining() >= HEADER_BYTES) {
      int start = section.position();
      if (section.getInt(start) != MAGIC) {
        // Padding of zeros up to the next aligned position.
        section.position(start + ALIGNMENT);
        continue;
      }
      int header = Short.toUnsignedInt(section.getShort(start + 6));
      int end = end(section, start, header, section.limit());
      DeviceCode one = fatBinary(section, start + header, end);
      if (all == null) {
        all = one;
      } else {
        all.machine.retainAll(one.machine);
        all.ptx.retainAll(one.ptx);
      }
      section.position(end);
    }
    return all == null ? new DeviceCode(new TreeSet<>(), new TreeSet<>()) : all;
  }

  private static DeviceCode fatBinary(ByteBuffer section, int from, int end) throws IOException {
    DeviceCode code = new DeviceCode(new TreeSet<>(), new TreeSet<>());
    for (int entry = from; entry < end; ) {
      int header = section.getInt(entry + 4);
      if (header < ENTRY_BYTES || header > end - entry) {
        throw new IOException("a fat binary in it is damaged, at byte %d".formatted(entry));
      }
      int number = section.getInt(entry + 28); // 86 for 8.6
      Capability capability = new Capability(number / 10, number % 10);
      switch (section.getShort(entry)) {
        case KIND_PTX -> code.ptx.add(capability);
        case KIND_MACHINE -> code.machine.add(capability);
        default -> {
          // Newer kinds of entries do not matter for the cards that this program knows.
        }
      }
      entry = end(section, entry, header, end);
    }
    return code;
  }

  /** The end of a structure with a header, which has the length of the rest at byte 8. */
  private static int end(ByteBuffer section, int from, int header, int limit) throws IOException {
    long bytes = section.getLong(from + 8);
    if (bytes < 0 || bytes > limit - from - (long) header) {
      throw new IOException("a fat binary in it is damaged, at byte %d".formatted(from));
    }
    return Math.toIntExact(from + header + bytes);
  }

  /**
   * Whether it runs on a card. Machine code needs the same major and at least its minor number; PTX
   * needs at least its capability (CUDA C++ Programming Guide, 3.1).
   */
  boolean runsOn(Capability card) {
    return machine.stream()
            .anyMatch(code -> code.major() == card.major() && code.minor() <= card.minor())
        || ptx.stream().anyMatch(code -> code.compareTo(card) <= 0);
  }

  @Override
  public String toString() {
    return "machine code for %s and %s"
        .formatted(list(machine), ptx.isEmpty() ? "no PTX" : "PTX of " + list(ptx));
  }

  private static String list(SortedSet<Capability> capabilities) {
    return capabilities.stream().map(Capability::toString).collect(Collectors.joining(", "));
  }
}
