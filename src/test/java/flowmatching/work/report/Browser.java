package flowmatching.work.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Headless Chromium, controlled by its DevTools protocol. */
final class Browser implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int END_S = 10;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final WebSocket socket;
  private final BlockingQueue<JsonNode> messages = new LinkedBlockingQueue<>();
  private final List<JsonNode> events = new ArrayList<>();
  private int lastCommand;

  private Browser(Process process, URI page) {
    this.process = process;
    this.socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(page, new Messages(messages))
            .join();
  }

  /** Where Debian's chromium is. */
  static Optional<Path> installed() {
    return Stream.of(System.getenv("PATH").split(":"))
        .map(folder -> Path.of(folder, "chromium"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  static Browser start(Path chromium, Path profile) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                chromium.toString(),
                "--headless=new",
                // Chromium's sandbox does not work for root, and the page is trusted.
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(profile.resolve("output.txt").toFile())
            .start();
    try {
      return new Browser(process, page(process, profile.resolve("DevToolsActivePort")));
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static URI page(Process process, Path port) throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!Files.exists(port) || Files.readAllLines(port).isEmpty()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new IOException("chromium does not start, see " + port.resolveSibling("output.txt"));
      }
      Thread.sleep(50);
    }
    URI list =
        URI.create("http://127.0.0.1:%s/json/list".formatted(Files.readAllLines(port).get(0)));
    String targets =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(list).timeout(PATIENCE).build(), BodyHandlers.ofString())
            .body();
    for (JsonNode target : JSON.readTree(targets)) {
      if (target.path("type").asText().equals("page")) {
        return URI.create(target.path("webSocketDebuggerUrl").asText());
      }
    }
    throw new IOException("chromium has no page: " + targets);
  }

  /** Opens a page in a window of this width and waits until it has loaded. */
  void open(Path page, int width, String colourScheme) throws IOException, InterruptedException {
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      command(domain + ".enable", Map.of());
    }
    command(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 800, "deviceScaleFactor", 1, "mobile", width < 500));
    command(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", colourScheme))));
    events.clear();
    String address = page.toUri().toString();
    command("Page.navigate", Map.of("url", address));
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!evaluate("document.URL + ' ' + document.readyState")
        .asText()
        .equals(address + " complete")) {
      if (System.nanoTime() > end) {
        throw new IOException("chromium does not load " + page);
      }
      Thread.sleep(50);
    }
  }

  /** The events since the page was opened. */
  List<JsonNode> events(String method) {
    return events.stream().filter(event -> event.path("method").asText().equals(method)).toList();
  }

  /** The value of a JavaScript expression. */
  JsonNode evaluate(String expression) throws IOException, InterruptedException {
    JsonNode result =
        command("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
    if (result.has("exceptionDetails")) {
      throw new IOException(result.toString());
    }
    return result.at("/result/value");
  }

  /** The whole page as a PNG file. */
  byte[] screenshot() throws IOException, InterruptedException {
    JsonNode picture = command("Page.captureScreenshot", Map.of("captureBeyondViewport", true));
    return Base64.getDecoder().decode(picture.path("data").asText());
  }

  private JsonNode command(String method, Map<String, Object> parameters)
      throws IOException, InterruptedException {
    ObjectNode command = JSON.createObjectNode().put("id", ++lastCommand).put("method", method);
    command.set("params", JSON.valueToTree(parameters));
    socket.sendText(command.toString(), true).join();
    JsonNode message = next();
    while (message.path("id").asInt() != lastCommand) {
      message = next();
    }
    if (message.has("error")) {
      throw new IOException(message.toString());
    }
    return message.path("result");
  }

  private JsonNode next() throws IOException, InterruptedException {
    JsonNode message = messages.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (message == null) {
      throw new IOException("chromium does not answer");
    }
    if (message.has("method")) {
      events.add(message);
    }
    return message;
  }

  @Override
  public void close() {
    socket.abort();
    // A normal end stops the child processes first, which write into the profile.
    List<ProcessHandle> others = process.descendants().toList();
    process.destroy();
    process.onExit().completeOnTimeout(process, END_S, TimeUnit.SECONDS).join();
    others.forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  /** Joins the parts of messages. */
  private static final class Messages implements WebSocket.Listener {
    private final BlockingQueue<JsonNode> whole;
    private final StringBuilder parts = new StringBuilder();

    Messages(BlockingQueue<JsonNode> whole) {
      this.whole = whole;
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      parts.append(part);
      if (last) {
        try {
          whole.add(JSON.readTree(parts.toString()));
        } catch (IOException e) {
          throw new IllegalStateException(e);
        }
        parts.setLength(0);
      }
      socket.request(1);
      return null;
    }
  }
}
