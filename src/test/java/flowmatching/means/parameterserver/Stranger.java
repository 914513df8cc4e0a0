package flowmatching.means.parameterserver;

import static org.awaitility.Awaitility.await;

import io.aeron.Aeron;
import io.aeron.driver.MediaDriver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;

/** A sender that reaches parameter servers' UDP ports but is not a member of their sessions. */
public final class Stranger implements AutoCloseable {
  /** More than the types of Aeron's frames. */
  private static final int FRAME_TYPES = 12;

  /** More than the longest header of Aeron's frames. */
  private static final int HEADER_BYTES = 48;

  private final MediaDriver driver = MediaDriver.launchEmbedded();
  private final Aeron aeron =
      Aeron.connect(new Aeron.Context().aeronDirectoryName(driver.aeronDirectoryName()));

  /** Sends random packets, and truncated packets of each of Aeron's types. */
  public void sendGarbage(int port) {
    Random random = new Random(port);
    try (DatagramSocket socket = new DatagramSocket()) {
      for (int length = 0; length <= 1400; length += 7) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        send(socket, bytes, port);
      }
      for (int type = 0; type < FRAME_TYPES; type++) {
        for (int length = 1; length <= HEADER_BYTES; length++) {
          ByteBuffer frame = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
          frame.putInt(HEADER_BYTES).putShort((short) 0).putShort((short) type);
          frame.putInt(random.nextInt()).putInt(random.nextInt()).putInt(UpdateServer.STREAM);
          byte[] bytes = new byte[length];
          frame.get(0, bytes);
          send(socket, bytes, port);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void send(DatagramSocket socket, byte[] bytes, int port) throws IOException {
    socket.send(new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), port));
  }

  /** Sends bytes through Aeron, as a member of a session does. */
  public void sendMessage(Endpoint to, byte[] bytes) {
    try (var publication = aeron.addPublication(to.id(), UpdateServer.STREAM)) {
      UnsafeBuffer buffer = new UnsafeBuffer(bytes);
      await().atMost(Duration.ofSeconds(20)).until(() -> publication.offer(buffer) > 0);
    }
  }

  @Override
  public void close() {
    aeron.close();
    driver.close();
  }
}
