package flowmatching.base.settings;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValueFactory;
import flowmatching.base.failure.DataFailure;
import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * Section {@code model}: the network, a U-Net of n down blocks, middle blocks and n up blocks.
 *
 * <p>Settings that were read are sound: the rules of {@link ModelRules} hold.
 *
 * @param image the shape [C, H, W] of an image
 * @param channels n + 1 entries: down block i takes {@code channels[i]} and gives {@code channels[i
 *     + 1]}; the up blocks go the same way back, and the last of them gives {@link #LAST_CHANNELS}
 * @param midChannels m + 1 entries: middle block i takes entry i and gives entry i + 1
 * @param timeEmbedding the length of the time's embedding, even
 * @param downSample for each of the n down blocks, whether it halves height and width, and its up
 *     block doubles them
 * @param attention for each of the n down blocks, whether it and its up block attend; middle blocks
 *     always do
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

  /** The channels that the last up block gives to the output layer, whatever the settings say. */
  public static final int LAST_CHANNELS = 16;

  /** Some more lists and objects than {@link #json} has: too few to exhaust a parser's stack. */
  private static final int MAX_BRACKETS = 32;

  public ModelSettings {
    channels = List.copyOf(channels);
    midChannels = List.copyOf(midChannels);
    downSample = List.copyOf(downSample);
    attention = List.copyOf(attention);
  }

  /** Of the largest attention, for one image: a score for each head and pair of pixels. */
  public long largestScores() {
    long pixels = (long) image.height() * image.width();
    long attended = 0;
    for (int block = 0; block < Math.min(attention.size(), downSample.size()); block++) {
      attended = attention.get(block) ? Math.max(attended, pixels) : attended;
      pixels = downSample.get(block) ? pixels / 4 : pixels;
    }
    // Middle blocks attend to what is left.
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
   * Reads what {@link #json} wrote. The text is not trusted: types, ranges and rules are checked as
   * those of a configuration are. Every key of the first version must be there: one that is added
   * later is read with {@link Reader#value(String, Kind, Object)}, and the value that its absence
   * implied.
   *
   * @param origin what an error calls the text, such as the path of its file
   * @throws DataFailure with all that is wrong with the text
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

  /** A JSON object of the keys of section {@code model}, on one line. */
  public String json() {
    var keys =
        Map.of(
            "image",
            Map.of("channels", image.channels(), "height", image.height(), "width", image.width()),
            "channels",
            channels,
            "mid-channels",
            midChannels,
            "time-embedding",
            timeEmbedding,
            "down-sample",
            downSample,
            "attention",
            attention,
            "heads",
            heads,
            "groups",
            groups);
    return ConfigValueFactory.fromMap(keys).render(ConfigRenderOptions.concise());
  }
}
