package flowmatching;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A process that is no child of this one. */
record ProcessId(long value) {
  /** Whether it runs; one that has ended and that its parent has not yet asked about does not. */
  boolean runs() {
    try {
      return !Files.readString(Path.of("/proc/" + value + "/cmdline"), ISO_8859_1).isEmpty();
    } catch (IOException e) {
      return false; // there is no such process
    }
  }
}
