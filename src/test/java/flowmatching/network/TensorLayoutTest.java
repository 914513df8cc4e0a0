package flowmatching.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TensorLayoutTest {
  private static final TensorLayout LAYOUT = TensorLayout.of(shapes());

  private static Map<String, List<Long>> shapes() {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    shapes.put("b", List.of(2L, 3L));
    shapes.put("a", List.of(1L));
    return shapes;
  }

  @Test
  void tensorsAreContiguousAndInOrder() {
    assertThat(LAYOUT.length()).isEqualTo(7);
    assertThat(LAYOUT.shapes()).isEqualTo(shapes());
    assertThat(LAYOUT.tensors().get(1)).isEqualTo(new TensorLayout.Tensor("a", List.of(1L), 6));
  }

  @Test
  void aVectorIsBuiltFromTensorsAndSplitIntoThem() {
    Map<String, float[]> values = Map.of("a", new float[] {9}, "b", new float[] {1, 2, 3, 4, 5, 6});
    float[] vector = LAYOUT.vector(values::get);
    assertThat(vector).containsExactly(1, 2, 3, 4, 5, 6, 9);
    LAYOUT
        .tensors()
        .forEach(tensor -> assertThat(tensor.of(vector)).isEqualTo(values.get(tensor.name())));
  }
}
