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

/** Writes and reads a network's weights as a safetensors file. */
final class Weights {
  /** Marks the layouts as PyTorch's. */
  private static final Map<String, String> METADATA = Map.of("format", "pt");

  /** Names that a message lists. */
  private static final int MAX_NAMES = 5;

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
                    "Weight %d of %s is %s: training diverged, and the network is not saved. Train with a smaller train.learning-rate."
                        .formatted(index, tensor.name(), tensor.values()[index]));
              });
    }
    return SafeTensors.write(tensors, METADATA);
  }

  /**
   * The weights of a file, which must have exactly the layout's tensors.
   *
   * @param origin the file's path, for the message
   * @return in the order of the layout
   * @throws DataFailure if the file is damaged, or has other tensors or shapes, or a value that is
   *     infinite or not a number
   */
  static float[] read(byte[] file, TensorLayout layout, String origin) {
    var shapes = layout.shapes();
    var tensors = SafeTensors.read(file, shapes.keySet(), origin);
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
          "%s has the tensors of the settings, but with '%s' before each name, as DataParallel ('module.') or torch.compile ('_orig_mod.') add it: save the state_dict() of the wrapped network, or remove the prefix from the names."
              .formatted(origin, prefix.get()));
    }
    var missing = new TreeSet<>(expected);
    missing.removeAll(found);
    var unknown = new TreeSet<>(found);
    unknown.removeAll(expected);
    if (missing.isEmpty()) {
      return new DataFailure(
          "%s has tensors that the network of the settings does not have, %s: remove them from the file."
              .formatted(origin, shown(unknown)));
    }
    return new DataFailure(
        "%s has the weights of another network: of the settings' tensors %s are missing%s. Give the file that belongs to model.json."
            .formatted(
                origin,
                shown(missing),
                unknown.isEmpty() ? "" : ", and %s are unknown".formatted(shown(unknown))));
  }

  /** The prefix that each expected name has in the file, if it is the same for all. */
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

  private static String shown(Set<String> names) {
    var few = names.stream().limit(MAX_NAMES).collect(Collectors.joining(", ", "[", "]"));
    return names.size() > MAX_NAMES
        ? "%s and %d more".formatted(few, names.size() - MAX_NAMES)
        : few;
  }

  private static void check(NamedTensor tensor, List<Long> shape, String origin) {
    if (!tensor.shape().equals(shape)) {
      throw new DataFailure(
          "%s has the weights of another network: tensor '%s' has the shape %s, but the settings need %s."
              .formatted(origin, tensor.name(), tensor.shape(), shape));
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
