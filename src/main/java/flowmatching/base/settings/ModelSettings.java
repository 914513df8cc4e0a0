package flowmatching.base.settings;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigSyntax;
import flowmatching.base.failure.DataFailure;
import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * Section {@code model}: a U-Net of n down blocks, m middle blocks and n up blocks. Settings that
 * were read obey {@link ModelRules}.
 *
 * @param image the shape [C, H, W] of an image
 * @param channels n + 1 entries: down block i maps {@code channels[i]} to {@code channels[i + 1]};
 *     the up blocks go the same way back, and the last one ends with {@link #LAST_CHANNELS}
 * @param midChannels m + 1 entries: middle block i maps entry i to entry i + 1
 * @param timeEmbedding the length of the time embedding, even
 * @param downSample for each of the n down blocks, whether it halves height and width and its up
 *     block doubles them
 * @param attention for each of the n down blocks, whether it and its up block have self-attention;
 *     middle blocks always do
 * @param heads of each attention
 * @param groups of each group normalisation
 */
public record ModelSettings(
    ImageShape image,
    List<Integer> channels,
    List<Integer> midChannels,
    int timeEmbedding,
    List<Boolean> downSample,
    List<Boolean> attention,
    int heads,
    int groups)
    implements Serializable {

  /** The input channels of the output layer, which no setting changes. */
  public static final int LAST_CHANNELS = 16;

  /** More lists and objects than {@link #json} has, but too few to exhaust a parser's stack. */
  private static final int MAX_BRACKETS = 32;

  public ModelSettings {
    channels = List.copyOf(channels);
    midChannels = List.copyOf(midChannels);
    downSample = List.copyOf(downSample);
    attention = List.copyOf(attention);
  }

  /** The scores of the largest attention for one image: one per head and pair of pixels. */
  public long largestScores() {
    long pixels = (long) image.height() * image.width();
    long attended = 0;
    for (int block = 0; block < Math.min(attention.size(), downSample.size()); block++) {
      attended = attention.get(block) ? Math.max(attended, pixels) : attended;
      pixels = downSample.get(block) ? pixels / 4 : pixels;
    }
    // Middle blocks attend over the remaining pixels.
    attended = Math.max(attended, pixels);
    return heads * attended * attended;
  }

  static ModelSettings read(Reader reader) {
    var channelCounts = Kind.integer(1, 4096);
    var model =
        new ModelSettings(
            new ImageShape(
                reader.value("model.image.channels", Kind.integer(1, 64)),
                reader.value("model.image.height", Kind.integer(1, 1024)),
                reader.value("model.image.width", Kind.integer(1, 1024))),
            reader.value("model.channels", channelCounts.list(2, 8)),
            reader.value("model.mid-channels", channelCounts.list(2, 8)),
            reader.value("model.time-embedding", Kind.integer(2, 4096)),
            reader.value("model.down-sample", Kind.TRUTH.list(1, 7)),
            reader.value("model.attention", Kind.TRUTH.list(1, 7)),
            reader.value("model.heads", Kind.integer(1, 64)),
            reader.value("model.groups", Kind.integer(1, LAST_CHANNELS)));
    new ModelRules(reader, model).check();
    return model;
  }

  /**
   * Reads the text of {@link #json}. It is not trusted: types, ranges and rules are checked as in a
   * configuration. Every key of the first version is required. A key that is added later is read by
   * {@link Reader#value(String, Kind, Object)} with the value that its absence implied.
   *
   * @param origin the name of the text in errors, such as the path of its file
   * @throws DataFailure with everything that is wrong with the text
   */
  public static ModelSettings fromJson(String origin, String json) {
    if (json.chars().filter(c -> c == '[' || c == '{').count() > MAX_BRACKETS) {
      throw new DataFailure(
          "%s does not describe a network: it has more than %d lists and objects."
              .formatted(origin, MAX_BRACKETS));
    }
    var options =
        ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON).setOriginDescription(origin);
    try {
      var reader = new Reader(ConfigFactory.parseString(json, options).atPath("model"));
      var model = read(reader);
      var problems = reader.problems();
      if (!problems.isEmpty()) {
        throw new DataFailure(
            "The network described in %s cannot be built:\n  %s\nIf a newer version of this program wrote it, use that one."
                .formatted(origin, String.join("\n  ", problems)));
      }
      return model;
    } catch (ConfigException e) {
      throw new DataFailure(
          "%s does not describe a network: %s.".formatted(origin, e.getMessage()), e);
    }
  }

  /** The keys of section {@code model} as a JSON object on one line. */
  public String json() {
    var keys =
        Map.ofEntries(
            Map.entry("image.channels", image.channels()),
            Map.entry("image.height", image.height()),
            Map.entry("image.width", image.width()),
            Map.entry("channels", channels),
            Map.entry("mid-channels", midChannels),
            Map.entry("time-embedding", timeEmbedding),
            Map.entry("down-sample", downSample),
            Map.entry("attention", attention),
            Map.entry("heads", heads),
            Map.entry("groups", groups));
    return ConfigFactory.parseMap(keys).root().render(ConfigRenderOptions.concise());
  }
}
