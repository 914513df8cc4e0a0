package flowmatching.means.model;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.RunFailure;
import flowmatching.base.safetensors.NamedTensor;
import flowmatching.base.safetensors.SafeTensors;
import flowmatching.network.TensorLayout;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** A network's weights as the bytes of a safetensors file, and back. */
final class Weights {
  /** What tells PyTorch's users that the layouts are theirs. */
  private static final Map<String, String> METADATA = Map.of("format", "pt");

  /** Of the names that a message lists. */
  private static final int MOST_NAMES = 5;

  private Weights() {}

  /**
   * The file of a network's weights.
   *
   * @param parameters in the order of the layout
   * @throws RunFailure if one of them is infinite or not a number
   */
  static byte[] write(TensorLayout layout, float[] parameters) {
    var tensors = LayoutTensors.of(layout, "", parameters);
    for (var tensor : tensors) {
      notFinite(tensor)
          .ifPresent(
              index -> {
                throw new RunFailure(
                    ("Weight %d of %s is %s: training diverged, and its network is not kept. Train"
                            + " with a smaller train.learning-rate.")
                        .formatted(index, tensor.name(), tensor.values()[index]));
              });
    }
    return SafeTensors.write(tensors, METADATA);
  }

  /**
   * The weights of a file, whose tensors are exactly those of the layout.
   *
   * @param origin the file's path, for the message
   * @return in the order of the layout
   * @throws DataFailure if the file is broken, has other tensors or shapes, or a value that is
   *     infinite or not a number
   */
  static float[] read(byte[] file, TensorLayout layout, String origin) {
    var tensors = SafeTensors.read(file, origin);
    var shapes = layout.shapes();
    if (!tensors.keySet().equals(shapes.keySet())) {
      throw otherTensors(tensors.keySet(), shapes.keySet(), origin);
    }
    for (var tensor : tensors.values()) {
      check(tensor, shapes.get(tensor.name()), origin);
    }
    return LayoutTensors.vector(layout, "", tensors);
  }

  private static DataFailure otherTensors(Set<String> found, Set<String> expected, String origin) {
    var prefix = prefix(found, expected);
    if (prefix.isPresent()) {
      return new DataFailure(
          "%s has the tensors of the settings, and '%s' before each of their names, as DataParallel ('module.') or torch.compile ('_orig_mod.') add it: save the state_dict() of the network that they wrap, or remove that from the names."
              .formatted(origin, prefix.get()));
    }
    var missing = new TreeSet<>(expected);
    missing.removeAll(found);
    var unknown = new TreeSet<>(found);
    unknown.removeAll(expected);
    return new DataFailure(
        "%s holds the weights of another network: of the settings' tensors %s are missing, and %s are in none of its layers."
            .formatted(origin, shown(missing), shown(unknown)));
  }

  /** What stands before each name that is expected. */
  private static Optional<String> prefix(Set<String> found, Set<String> expected) {
    var first = expected.iterator().next();
    return found.stream()
        .filter(name -> name.endsWith(first))
        .map(name -> name.substring(0, name.length() - first.length()))
        .filter(prefix -> found.equals(prefixed(prefix, expected)))
        .findFirst();
  }

  private static Set<String> prefixed(String prefix, Set<String> names) {
    return names.stream().map(prefix::concat).collect(Collectors.toSet());
  }

  /** A few of the names, and how many more there are. */
  private static String shown(Set<String> names) {
    var few = names.stream().limit(MOST_NAMES).collect(Collectors.joining(", ", "[", "]"));
    return names.size() > MOST_NAMES
        ? "%s and %d more".formatted(few, names.size() - MOST_NAMES)
        : few;
  }

  private static void check(NamedTensor tensor, List<Long> shape, String origin) {
    var found = LongStream.of(tensor.shape()).boxed().toList();
    if (!found.equals(shape)) {
      throw new DataFailure(
          "%s holds the weights of another network: tensor '%s' has the shape %s, and the settings need %s."
              .formatted(origin, tensor.name(), found, shape));
    }
    notFinite(tensor)
        .ifPresent(
            index -> {
              throw new DataFailure(
                  "%s is damaged: value %d of tensor '%s' is %s."
                      .formatted(origin, index, tensor.name(), tensor.values()[index]));
            });
  }

  private static OptionalInt notFinite(NamedTensor tensor) {
    var values = tensor.values();
    return IntStream.range(0, values.length).filter(i -> !Float.isFinite(values[i])).findFirst();
  }
}
