package flowmatching.work.evaluate;

import java.io.Serializable;
import java.util.List;
import java.util.TreeMap;

/** The values of the lowest ids of a set, up to a maximum number. */
final class LowestIds<T> implements Serializable {
  private final int max;
  private final TreeMap<Long, T> byId = new TreeMap<>();

  LowestIds(int max) {
    this.max = max;
  }

  void put(long id, T value) {
    byId.put(id, value);
    if (byId.size() > max) {
      byId.pollLastEntry();
    }
  }

  void putAll(LowestIds<T> others) {
    others.byId.forEach(this::put);
  }

  /** In order of their ids. */
  List<T> values() {
    return List.copyOf(byId.values());
  }
}
