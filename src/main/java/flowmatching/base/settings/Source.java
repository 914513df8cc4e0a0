package flowmatching.base.settings;

/**
 * A text of HOCON and where it came from.
 *
 * @param origin what an error calls this text, such as {@code conf/train.conf}
 * @param text the HOCON itself
 */
public record Source(String origin, String text) {}
