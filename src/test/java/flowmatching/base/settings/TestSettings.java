package flowmatching.base.settings;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/** Reads settings for tests: a training run on a fixed day, with an output. */
final class TestSettings {
  static final LocalDate TODAY = LocalDate.of(2026, 11, 24);

  private TestSettings() {}

  static Settings read(String... arguments) {
    return read(List.of(), arguments);
  }

  static Settings read(List<Source> files, String... arguments) {
    var output = new Source("output.conf", "train.output = runs/test");
    var all = new ArrayList<>(List.of(output));
    all.addAll(files);
    return Settings.read(Job.TRAIN, TODAY, all, List.of(arguments));
  }
}
