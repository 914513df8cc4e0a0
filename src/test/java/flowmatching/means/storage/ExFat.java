package flowmatching.means.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A real exFAT file system in a file, which has no hard links. Only root can mount it, with
 * Debian's packages exfatprogs and exfat-fuse.
 */
public final class ExFat {
  private static final int BYTES = 64 << 20;

  private final Path folder;
  private final String device;

  private ExFat(Path folder, String device) {
    this.folder = folder;
    this.device = device;
  }

  /** Mounts one of 64 MB, or skips the calling test with the reason. */
  public static ExFat mount(Path directory) throws IOException, InterruptedException {
    Path image = directory.resolve("exfat.image");
    try (var file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(BYTES);
    }
    Path folder = Files.createDirectory(directory.resolve("exfat"));
    String device = "";
    try {
      run("/usr/sbin/mkfs.exfat", image.toString());
      device = run("/usr/sbin/losetup", "--find", "--show", image.toString());
      run("/usr/sbin/mount.exfat-fuse", device, folder.toString());
    } catch (IOException e) {
      if (!device.isEmpty()) {
        run("/usr/sbin/losetup", "--detach", device);
      }
      abort("exFAT cannot be mounted here: " + e.getMessage());
    }
    return new ExFat(folder, device);
  }

  /** The mount point. */
  public Path folder() {
    return folder;
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + output);
    }
    return output;
  }

  public void unmount() throws IOException, InterruptedException {
    run("/bin/umount", folder.toString());
    run("/usr/sbin/losetup", "--detach", device);
  }
}
