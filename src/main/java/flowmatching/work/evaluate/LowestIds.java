package flowmatching.work.evaluate;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What belongs to the lowest ids of a set, at most so many of them, from whichever part they come.
 */
final class LowestIds<T> implements Serializable {
  private final int most;
  private final TreeMap<Long, T> byId = new TreeMap<>();

  LowestIds(int most) {
    this.most = most;
  }

  void put(long id, T value) {
    byId.put(id, value);
    if (byId.size() > most) {
      byId.pollLastEntry();
    }
  }

  void putAll(LowestIds<T> others) {
    for (Map.Entry<Long, T> other : others.byId.entrySet()) {
      put(other.getKey(), other.getValue());
    }
  }

  /** In the order of their ids. */
  List<T> values() {
    return List.copyOf(byId.values());
  }
}
