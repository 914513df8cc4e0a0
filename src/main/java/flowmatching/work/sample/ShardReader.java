package flowmatching.work.sample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.format.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Reads the images of a tar shard that {@link SampleTar} or another program made. */
final class ShardReader {
  private static final int BLOCK_BYTES = 512;
  private static final String JSON = ".json";

  private ShardReader() {}

  /**
   * The images in order of their ids. The JSON file of an image has the same name as the picture up
   * to the extension. Other files and folders are ignored.
   *
   * @throws DataFailure if the archive or a JSON file is damaged, or a picture is a link, has no id
   *     in its name, or the same id as another picture
   */
  static List<StoredImage> read(byte[] archive, String origin) {
    Map<String, byte[]> contents = new HashMap<>();
    ImageNames pictures = new ImageNames(origin);
    try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(archive))) {
      for (var entry = tar.getNextTarEntry(); entry != null; entry = tar.getNextTarEntry()) {
        if (ImageNames.isPicture(entry.getName())) {
          if (entry.isLink() || entry.isSymbolicLink()) {
            throw new DataFailure(
                "'%s' in %s is only a link to '%s': pack the files themselves (tar --dereference --hard-dereference)."
                    .formatted(entry.getName(), origin, entry.getLinkName()));
          }
          pictures.add(entry.getName());
          contents.put(entry.getName(), tar.readAllBytes());
        } else if (entry.getName().endsWith(JSON)) {
          contents.put(entry.getName(), tar.readAllBytes());
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      throw damaged(origin, e.getMessage(), e);
    }
    if (!endsWithEmptyBlock(archive)) {
      // An archive that was cut off between two entries would otherwise just have fewer images.
      throw damaged(origin, "its end is missing", null);
    }
    return pictures.byId().entrySet().stream()
        .map(
            picture -> {
              JsonNode facts = facts(picture.getValue(), contents, origin);
              JsonNode evaluations = facts.path("evaluations");
              return new StoredImage(
                  picture.getKey(),
                  origin(facts),
                  contents.get(picture.getValue()),
                  evaluations.isInt()
                      ? OptionalInt.of(evaluations.intValue())
                      : OptionalInt.empty());
            })
        .toList();
  }

  private static Optional<Origin> origin(JsonNode facts) {
    JsonNode seed = facts.path("seed");
    return seed.canConvertToLong()
        ? Optional.of(new Origin(seed.longValue(), facts.path("run_sha256").asText()))
        : Optional.empty();
  }

  /** The JSON file of a picture; a missing node if there is none. */
  private static JsonNode facts(String picture, Map<String, byte[]> contents, String origin) {
    String name = picture.substring(0, picture.lastIndexOf('.')) + JSON;
    if (!contents.containsKey(name)) {
      return MissingNode.getInstance();
    }
    return Json.parse(contents.get(name), JsonNode.class, "'%s' in %s".formatted(name, origin));
  }

  private static boolean endsWithEmptyBlock(byte[] archive) {
    int last = archive.length - BLOCK_BYTES;
    return last >= 0
        && Arrays.equals(archive, last, archive.length, new byte[BLOCK_BYTES], 0, BLOCK_BYTES);
  }

  private static DataFailure damaged(String origin, String reason, Throwable cause) {
    return new DataFailure(
        "%s is a damaged tar file: %s. Copy it again, or delete it and _SUCCESS and run SampleJob again to make it."
            .formatted(origin, reason),
        cause);
  }
}
