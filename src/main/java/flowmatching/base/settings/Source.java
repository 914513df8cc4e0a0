package flowmatching.base.settings;

/**
 * A HOCON text and its origin.
 *
 * @param origin the name of the text in errors, such as {@code conf/train.conf}
 * @param text the HOCON itself
 */
public record Source(String origin, String text) {}
