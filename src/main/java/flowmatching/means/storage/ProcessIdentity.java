package flowmatching.means.storage;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A process, so that another one of the same machine can find out whether it lives.
 *
 * @param user who runs it
 * @param host its name, for people
 * @param id its process id
 * @param ids where that id counts: the start of the machine, and the namespace of process ids of
 *     Linux; empty if the system does not say
 * @param startTicks clock ticks from the start of the machine to the start of the process, which
 *     tell it from a later process of the same id; -1 if the system does not say
 */
record ProcessIdentity(String user, String host, long id, String ids, long startTicks) {
  private static final Path PROC = Path.of("/proc");

  /** Fields of /proc/PID/stat, counted from the one behind the name of the program. */
  private static final int STATE_FIELD = 0;

  private static final int START_FIELD = 19;

  /** What another process can tell. */
  enum State {
    ALIVE,
    DEAD,
    /** It is on another machine or in another container, or this system does not say. */
    UNKNOWN
  }

  /** The process that calls this. */
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

  /** Whether it lives, as far as this process can tell. */
  State state() {
    // Processes of other users may be hidden.
    if (ids.isEmpty()
        || startTicks < 0
        || !ids.equals(idsHere())
        || !user.equals(System.getProperty("user.name"))) {
      return State.UNKNOWN;
    }
    try {
      String[] stat = stat(id);
      // A zombie has ended, and waits for its parent to ask for its exit code.
      boolean ended = stat[STATE_FIELD].equals("Z") || stat[STATE_FIELD].equals("X");
      return !ended && Long.parseLong(stat[START_FIELD]) == startTicks ? State.ALIVE : State.DEAD;
    } catch (NoSuchFileException e) {
      return State.DEAD;
    } catch (IOException | RuntimeException e) {
      return State.UNKNOWN;
    }
  }

  private static String[] stat(long id) throws IOException {
    String stat = Files.readString(PROC.resolve(id + "/stat"));
    // The program's name, in parentheses, may hold spaces and parentheses.
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
