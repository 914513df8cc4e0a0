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
 * What a library has for GPUs: code for capabilities, and PTX, which the driver compiles for any
 * card that is as new as it or newer. A library consists of fat binaries, one for each of its
 * sources, and a card must find something in each; so this is what all of them have.
 *
 * <p>NVIDIA does not publish the form of a fat binary. This is what cuobjdump shows of one: a
 * header (magic number, version, bytes of the header, bytes of the rest), and in the rest entries,
 * each with its kind, bytes of its header, bytes of its content, and its capability.
 *
 * @param machine capabilities that there is machine code for
 * @param ptx capabilities that there is PTX of
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
   * @throws EnvironmentFailure where it cannot be read, or has no code for any card
   */
  static DeviceCode of(Path library) {
    try {
      ByteBuffer section =
          new ElfFile(library)
              .section(SECTION)
              .orElseThrow(() -> new IOException("it has no code for GPUs"));
      DeviceCode code = read(section);
      if (code.machine.isEmpty() && code.ptx.isEmpty()) {
        throw new IOException("it has no code that serves any GPU as a whole");
      }
      return code;
    } catch (IOException | BufferUnderflowException | IndexOutOfBoundsException e) {
      throw new EnvironmentFailure(
          "ND4J's library for GPUs, which was unpacked to %s, cannot be read: %s. Remove the file, so that it is unpacked anew, and where that does not help the jar is damaged: copy or build it again."
              .formatted(library, e.getMessage()),
          e);
    }
  }

  private static DeviceCode read(ByteBuffer section) throws IOException {
    DeviceCode all = null;
    while (section.remaining() >= HEADER_BYTES) {
      int start = section.position();
      if (section.getInt(start) != MAGIC) {
        // What stands between two of them is zeros, up to where the next may begin.
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
      Capability capability = Capability.ofCode(section.getInt(entry + 28));
      switch (section.getShort(entry)) {
        case KIND_PTX -> code.ptx.add(capability);
        case KIND_MACHINE -> code.machine.add(capability);
        default -> {
          // What NVIDIA has added since serves no card that this program knows to need it.
        }
      }
      entry = end(section, entry, header, end);
    }
    return code;
  }

  /** Where something with a header ends that has the length of the rest at its eighth byte. */
  private static int end(ByteBuffer section, int from, int header, int limit) throws IOException {
    long bytes = section.getLong(from + 8);
    if (bytes < 0 || bytes > limit - from - (long) header) {
      throw new IOException("a fat binary in it is damaged, at byte %d".formatted(from));
    }
    return Math.toIntExact(from + header + bytes);
  }

  /**
   * Whether it runs on a card. Machine code runs on cards of its major number with its minor number
   * or a greater one, PTX on all from its capability on (CUDA C++ Programming Guide, 3.1).
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
