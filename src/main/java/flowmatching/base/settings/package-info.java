/**
 * The settings of a run: HOCON texts and {@code path=value} arguments, read into immutable records.
 *
 * <p>{@link flowmatching.base.settings.Settings#read} layers the arguments over the configuration
 * files over the jar's {@code reference.conf}. It checks every value alone and against the others,
 * and reports all errors in one message. The package uses no file system and no engine: it gets
 * texts, each with the name of its origin.
 */
package flowmatching.base.settings;
