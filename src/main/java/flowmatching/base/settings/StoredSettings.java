package flowmatching.base.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.DataFailure;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The sections {@code model} and {@code train} in the record of a run. They are compared by the
 * meaning of their values: "256" of an environment variable is 256, 1e-3 is 0.001, and a key that
 * an earlier version of this program did not have has its default.
 */
public final class StoredSettings {
  /** The values by their paths; the raw value if the path is not a key. */
  private final Map<String, Object> meanings = new TreeMap<>();

  private final Map<String, String> texts = new TreeMap<>();

  private StoredSettings(Config config, Reader reader) {
    for (var section : List.of("model", "train")) {
      for (var entry : config.withOnlyPath(section).entrySet()) {
        ConfigValue value = entry.getValue();
        meanings.put(entry.getKey(), reader.meaning(entry.getKey()).orElse(value.unwrapped()));
        texts.put(entry.getKey(), value.render(ConfigRenderOptions.concise()));
      }
    }
  }

  /**
   * Reads {@link Settings#json} of this or an earlier version of the program. Values need not be
   * allowed, and keys need not be known.
   *
   * @param origin the name of the text in errors, such as the path of its file
   * @throws DataFailure if the text cannot be read as settings
   */
  public static StoredSettings of(String origin, String json) {
    try {
      var config =
          ConfigLayers.resolve(LocalDate.EPOCH, List.of(new Source(origin, json)), List.of());
      var reader = new Reader(config);
      ModelSettings.read(reader);
      // Not as a training, because the record may have no output.
      TrainSettings.read(reader, Job.EVALUATE);
      return new StoredSettings(config, reader);
    } catch (ConfigurationFailure e) {
      throw new DataFailure("%s has no readable settings: %s".formatted(origin, e.getMessage()), e);
    }
  }

  /**
   * One phrase per value that differs, ordered by path: {@code train.seed is 1 there and 2 now}.
   *
   * @param now the settings of this start
   * @param counts whether a difference at a path counts
   */
  public List<String> differences(StoredSettings now, Predicate<String> counts) {
    var paths = new TreeSet<>(meanings.keySet());
    paths.addAll(now.meanings.keySet());
    return paths.stream()
        .filter(counts)
        .filter(path -> !Objects.equals(meanings.get(path), now.meanings.get(path)))
        .map(
            path ->
                "%s is %s there and %s now"
                    .formatted(
                        path,
                        texts.getOrDefault(path, "nothing"),
                        now.texts.getOrDefault(path, "nothing")))
        .toList();
  }
}
