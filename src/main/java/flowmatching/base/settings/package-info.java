/**
 * What a run is told: HOCON texts and {@code path=value} arguments, read into immutable records.
 *
 * <p>{@link flowmatching.base.settings.Settings#read} lays the arguments over the configuration
 * files over the jar's {@code reference.conf}, and checks every value, alone and against the
 * others. All that is wrong comes in one message. The package knows no file system and no engine:
 * it is handed texts, each with a description of where it came from.
 */
package flowmatching.base.settings;
