package flowmatching;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A process that is no child of this one. */
record ProcessId(long value) {
  /** Whether it runs; one that has ended and that its parent has not yet asked about does not. */
  boolean runs() {
    try {
      return !Files.readString(directory().resolve("cmdline"), ISO_8859_1).isEmpty();
    } catch (IOException e) {
      return false; // there is no such process
    }
  }

  /** Sends a signal, such as KILL. */
  void signal(String name) throws IOException, InterruptedException {
    var kill = new ProcessBuilder("kill", "-s", name, Long.toString(value)).start();
    assertThat(kill.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(kill.exitValue()).isZero();
  }

  int threads() throws IOException {
    return (int) status("Threads");
  }

  /** Memory in RAM, in MB. */
  long residentMb() throws IOException {
    return status("VmRSS") >> 10;
  }

  /** Objects in use on the heap of a JVM, in MB. */
  long liveHeapMb() throws IOException, InterruptedException {
    var jcmd = Path.of(System.getProperty("java.home"), "bin/jcmd").toString();
    var process =
        new ProcessBuilder(jcmd, Long.toString(value), "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    var output = new String(process.getInputStream().readAllBytes(), ISO_8859_1);
    assertThat(process.waitFor()).as(output).isZero();
    var total = Pattern.compile("Total +\\d+ +(\\d+)").matcher(output);
    assertThat(total.find()).isTrue();
    return Long.parseLong(total.group(1)) >> 20;
  }

  List<ProcessId> children() {
    return ProcessHandle.of(value).stream()
        .flatMap(ProcessHandle::children)
        .map(child -> new ProcessId(child.pid()))
        .toList();
  }

  private long status(String key) throws IOException {
    try (var lines = Files.lines(directory().resolve("status"))) {
      var line = lines.filter(each -> each.startsWith(key + ":")).findFirst().orElseThrow();
      return Long.parseLong(line.split("\\s+", -1)[1]);
    }
  }

  /** What its open file descriptors refer to. */
  List<String> openFiles() throws IOException {
    var files = new ArrayList<String>();
    try (var links = Files.list(directory().resolve("fd"))) {
      for (var link : links.toList()) {
        try {
          files.add(Files.readSymbolicLink(link).toString());
        } catch (NoSuchFileException e) {
          // It was closed meanwhile.
        }
      }
    }
    return files;
  }

  /** The UDP ports that it receives on. */
  List<Integer> udpPorts() throws IOException {
    var open = openFiles();
    var ports = new ArrayList<Integer>();
    for (var table : List.of("net/udp", "net/udp6")) {
      try (var lines = Files.lines(directory().resolve(table))) {
        lines
            .skip(1)
            .map(line -> line.strip().split("\\s+", -1))
            .filter(fields -> open.contains("socket:[" + fields[9] + "]"))
            .forEach(
                fields ->
                    ports.add(
                        Integer.parseInt(fields[1].substring(fields[1].indexOf(':') + 1), 16)));
      }
    }
    return ports;
  }

  private Path directory() {
    return Path.of("/proc/" + value);
  }
}
