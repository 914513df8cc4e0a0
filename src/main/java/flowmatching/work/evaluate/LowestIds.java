package flowmatching.work.evaluate;

import java.io.Serializable;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** The values of the lowest ids of a set, up to a maximum number. */
final class LowestIds<T> implements Serializable {
  private final int max;
  private final TreeMap<Long, T> byId = new TreeMap<>();

  LowestIds(int max) {
    this.max = max;
  }

  /** Adds a value, and returns the one that its id had before, or null. */
  T put(long id, T value) {
    T before = byId.put(id, value);
    if (byId.size() > max) {
      byId.pollLastEntry();
    }
    return before;
  }

  void forEach(BiConsumer<Long, T> action) {
    byId.forEach(action);
  }

  /** In order of their ids. */
  List<T> values() {
    return List.copyOf(byId.values());
  }

  int size() {
    return byId.size();
  }

  /** The highest of these ids; {@link Long#MAX_VALUE} if they are all ids of the set. */
  long last() {
    return byId.size() < max ? Long.MAX_VALUE : byId.lastKey();
  }

  /** How many of the ids from {@code first} to before {@code end} there are. */
  int count(long first, long end) {
    return byId.subMap(first, end).size();
  }
}
