package flowmatching.means.storage;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A process, by which another one on the same machine can find out whether it is alive.
 *
 * @param user its owner
 * @param host host name, for people only
 * @param id process id
 * @param ids the scope of the id: Linux's boot id and process id namespace; empty if unknown
 * @param startTicks clock ticks from boot to the start of the process, which distinguish it from a
 *     later process with the same id; -1 if unknown
 */
record ProcessIdentity(String user, String host, long id, String ids, long startTicks) {
  private static final Path PROC = Path.of("/proc");

  /** Of /proc/PID/stat, counted from the one after the program's name, which is the state. */
  private static final int START_FIELD = 19;

  enum State {
    ALIVE,
    DEAD,
    /** On another machine, in another container, or not known on this operating system. */
    UNKNOWN
  }

  static ProcessIdentity ofThis() {
    long id = ProcessHandle.current().pid();
    long start;
    try {
      start = Long.parseLong(stat(id)[START_FIELD]);
    } catch (IOException | RuntimeException e) {
      start = -1;
    }
    return new ProcessIdentity(System.getProperty("user.name"), hostName(), id, idsHere(), start);
  }

  /** Whether the process is alive. */
  State state() {
    // /proc may hide processes of other users.
    if (ids.isEmpty()
        || startTicks < 0
        || !ids.equals(idsHere())
        || !user.equals(System.getProperty("user.name"))) {
      return State.UNKNOWN;
    }
    try {
      String[] stat = stat(id);
      // A zombie (Z) has ended, but its parent has not read its exit code.
      boolean ended = stat[0].equals("Z") || stat[0].equals("X");
      return !ended && Long.parseLong(stat[START_FIELD]) == startTicks ? State.ALIVE : State.DEAD;
    } catch (NoSuchFileException e) {
      return State.DEAD;
    } catch (IOException | RuntimeException e) {
      return State.UNKNOWN;
    }
  }

  private static String[] stat(long id) throws IOException {
    String stat = Files.readString(PROC.resolve(id + "/stat"));
    // The program's name, in parentheses, may contain spaces and parentheses.
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
  }

  private static String idsHere() {
    try {
      return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip()
          + " "
          + Files.readSymbolicLink(PROC.resolve("self/ns/pid"));
    } catch (IOException | RuntimeException e) {
      return "";
    }
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }

  @Override
  public String toString() {
    return "process %d of user '%s' on host %s".formatted(id, user, host);
  }
}
