package flowmatching.work.evaluate;

import flowmatching.base.failure.DataFailure;
import java.io.Serializable;
import org.roaringbitmap.longlong.Roaring64NavigableMap;

/** The ids of a set that have been seen; each may be there only once. */
final class SeenIds implements Serializable {
  private final String set;

  /** Compressed: consecutive ids take almost no memory. */
  private final Roaring64NavigableMap ids = new Roaring64NavigableMap();

  SeenIds(String set) {
    this.set = set;
  }

  /**
   * Adds an id.
   *
   * @throws DataFailure if it has been seen
   */
  void add(long id) {
    if (ids.contains(id)) {
      throw twice(id);
    }
    ids.addLong(id);
  }

  /**
   * Adds the ids of another part of the set.
   *
   * @throws DataFailure if one of them has been seen
   */
  void addAll(SeenIds part) {
    Roaring64NavigableMap both = new Roaring64NavigableMap();
    both.or(ids);
    both.and(part.ids);
    if (!both.isEmpty()) {
      throw twice(both.iterator().next());
    }
    ids.or(part.ids);
  }

  private DataFailure twice(long id) {
    return new DataFailure(
        "Image %d is in %s more than once: keep one file with that image, and remove the others."
            .formatted(id, set));
  }
}
