package flowmatching.base.settings;

import static flowmatching.base.settings.ModelSettings.LAST_CHANNELS;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The rules between the values of section {@code model} that make a network possible. */
final class ModelRules {
  private static final String CHANNELS = "model.channels";
  private static final String MID_CHANNELS = "model.mid-channels";

  /** 1 GiB of attention scores per thread and image. */
  private static final long MAX_SCORES = 1L << 28;

  private final Reader reader;
  private final ModelSettings model;

  ModelRules(Reader reader, ModelSettings model) {
    this.reader = reader;
    this.model = model;
  }

  /** Rejects each value that breaks a rule. Rules about values that were refused are skipped. */
  void check() {
    blocksAreDescribed("model.down-sample", model.downSample());
    blocksAreDescribed("model.attention", model.attention());
    middleFits();
    groupsDivide(CHANNELS, model.channels());
    groupsDivide(MID_CHANNELS, model.midChannels());
    groupsDivideLastChannels();
    headsDivide();
    scoresFit();
    timeEmbeddingIsEven();
    halvingIsExact("model.image.height", model.image().height());
    halvingIsExact("model.image.width", model.image().width());
  }

  private void blocksAreDescribed(String path, List<Boolean> flags) {
    int blocks = model.channels().size() - 1;
    if (reader.sound(CHANNELS, path) && flags.size() != blocks) {
      reader.reject(path, "must have one entry less than model.channels, which makes " + blocks);
    }
  }

  /** An up block concatenates its input with a skip of the same number of channels. */
  private void middleFits() {
    if (!reader.sound(CHANNELS, MID_CHANNELS)) {
      return;
    }
    var channels = model.channels();
    var mid = model.midChannels();
    int first = channels.get(channels.size() - 1);
    int last = channels.get(channels.size() - 2);
    if (mid.get(0) != first || mid.get(mid.size() - 1) != last) {
      reader.reject(
          MID_CHANNELS,
          "must begin with %d, the last of model.channels, and end with %d, the last but one"
              .formatted(first, last));
    }
  }

  private void groupsDivide(String path, List<Integer> channels) {
    if (reader.sound("model.groups", path)
        && channels.stream().anyMatch(count -> count % model.groups() != 0)) {
      reader.reject(
          path, "must have entries divisible by model.groups, which is " + model.groups());
    }
  }

  private void groupsDivideLastChannels() {
    if (reader.sound("model.groups") && LAST_CHANNELS % model.groups() != 0) {
      reader.reject(
          "model.groups", "must divide " + LAST_CHANNELS + ", the channels before the last layer");
    }
  }

  private void headsDivide() {
    if (!reader.sound(CHANNELS, MID_CHANNELS, "model.attention", "model.heads")) {
      return;
    }
    var undivided =
        attended()
            .filter(count -> count % model.heads() != 0)
            .distinct()
            .sorted()
            .map(String::valueOf)
            .collect(Collectors.joining(", "));
    if (!undivided.isEmpty()) {
      reader.reject(
          "model.heads",
          "must divide the channels of each attention, but does not divide " + undivided);
    }
  }

  private void scoresFit() {
    if (reader.sound(
            "model.image.height",
            "model.image.width",
            "model.down-sample",
            "model.attention",
            "model.heads")
        && model.largestScores() > MAX_SCORES) {
      reader.reject(
          "model.attention",
          "must leave out larger images, or model.down-sample must halve them more often: an image would have %d scores (heads x pixels x pixels), but at most %d are allowed"
              .formatted(model.largestScores(), MAX_SCORES));
    }
  }

  /** The channels of each attention, which are the output channels of its block. */
  private Stream<Integer> attended() {
    var channels = model.channels();
    var attended = Stream.<Integer>builder();
    for (int i = 0; i < Math.min(model.attention().size(), channels.size() - 1); i++) {
      if (model.attention().get(i)) {
        attended.add(channels.get(i + 1)).add(i == 0 ? LAST_CHANNELS : channels.get(i - 1));
      }
    }
    model.midChannels().stream().skip(1).forEach(attended);
    return attended.build();
  }

  private void timeEmbeddingIsEven() {
    if (reader.sound("model.time-embedding") && model.timeEmbedding() % 2 != 0) {
      reader.reject("model.time-embedding", "must be even: half of it are sines, half cosines");
    }
  }

  /** An odd size that is halved and doubled again is one pixel smaller than its skip. */
  private void halvingIsExact(String path, int size) {
    long halvings = model.downSample().stream().filter(halves -> halves).count();
    if (reader.sound("model.down-sample", path) && size % (1 << halvings) != 0) {
      reader.reject(
          path,
          "must be divisible by %d, because model.down-sample halves it %d times"
              .formatted(1 << halvings, halvings));
    }
  }
}
