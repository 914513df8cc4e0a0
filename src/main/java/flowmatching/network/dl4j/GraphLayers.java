package flowmatching.network.dl4j;

import flowmatching.network.onednn.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.nd4j.linalg.activations.impl.ActivationSwish;

/** The layers of a graph's definition, in the order of a forward pass. */
final class GraphLayers {
  private GraphLayers() {}

  /** The layers up to the one of a name. */
  static List<Layer> of(ComputationGraphConfiguration graph, String last) {
    List<Layer> layers = new ArrayList<>();
    for (Map.Entry<String, GraphVertex> vertex : graph.getVertices().entrySet()) {
      String name = vertex.getKey();
      layers.add(new Layer(name, kind(vertex.getValue()), graph.getVertexInputs().get(name)));
      if (name.equals(last)) {
        break;
      }
    }
    return layers;
  }

  private static Layer.Kind kind(GraphVertex vertex) {
    if (vertex instanceof MergeVertex) {
      return new Layer.Concatenation();
    }
    if (vertex instanceof org.deeplearning4j.nn.conf.graph.LayerVertex theirs
        && theirs.getLayerConf().getLayer() instanceof DenseLayer linear) {
      return new Layer.Linear(
          (int) linear.getNIn(),
          (int) linear.getNOut(),
          linear.getActivationFn() instanceof ActivationSwish);
    }
    LayerSettings settings = ((LayerVertex) vertex).settings();
    if (settings instanceof TimeEmbedding embedding) {
      return new Layer.TimeEmbedding(embedding.size());
    }
    if (settings instanceof Convolution c) {
      return new Layer.Convolution(c.out(), c.kernel(), c.stride(), c.padding());
    }
    if (settings instanceof TransposedConvolution t) {
      return new Layer.TransposedConvolution(t.channels());
    }
    if (settings instanceof ResidualBlock r) {
      return new Layer.Residual(r.out(), r.groups());
    }
    if (settings instanceof GroupNorm n) {
      return new Layer.GroupNorm(n.groups(), n.silu());
    }
    return new Layer.Attention(((SelfAttention) settings).heads());
  }
}
