package flowmatching.base.settings;

/**
 * A HOCON text.
 *
 * @param origin its name in errors, such as {@code conf/train.conf}
 */
public record Source(String origin, String text) {}
