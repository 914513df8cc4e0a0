package flowmatching;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;

/** What a class logs while this is open, at any level. */
public final class CapturedLog extends AbstractAppender implements AutoCloseable {
  private final List<LogEvent> events = new CopyOnWriteArrayList<>();
  private final Logger logger;

  public CapturedLog(Class<?> source) {
    super("captured", null, null, true, Property.EMPTY_ARRAY);
    logger = (Logger) LogManager.getLogger(source);
    start();
    logger.addAppender(this);
    // Not by the logger, which forgets it when another one is captured.
    Configurator.setLevel(logger.getName(), Level.ALL);
  }

  @Override
  public void append(LogEvent event) {
    events.add(event.toImmutable());
  }

  public List<LogEvent> events() {
    return List.copyOf(events);
  }

  public List<String> messages() {
    return events.stream().map(event -> event.getMessage().getFormattedMessage()).toList();
  }

  @Override
  public void close() {
    logger.removeAppender(this);
    Configurator.setLevel(logger.getName(), (Level) null);
    stop();
  }
}
