package flowmatching.network.onednn;

import java.util.List;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.memory.format_tag;

/** oneDNN's descriptors of arrays. */
final class Layouts {
  /** Dense layouts of images: in blocks of 16 or 8 channels, channels last, channels first. */
  private static final List<format_tag> OF_IMAGES =
      List.of(format_tag.nChw16c, format_tag.nChw8c, format_tag.nhwc, format_tag.nchw);

  private Layouts() {}

  static memory.desc of(data_type type, format_tag tag, long... dimensions) {
    return new memory.desc(dimensions, type, tag, false);
  }

  /** A view with a stride in values per dimension. */
  static memory.desc strided(data_type type, long[] dimensions, long... strides) {
    return new memory.desc(dimensions, type, strides, false);
  }

  /** The shape of the array, without padding. */
  static long[] dimensions(memory.desc layout) {
    long[] dimensions = new long[layout.get_ndims()];
    layout.get_dims().get(dimensions);
    return dimensions;
  }

  /** The layout of images as one of the dense ones; {@code any} if it is none of them. */
  static format_tag tag(memory.desc layout) {
    return OF_IMAGES.stream()
        .filter(tag -> layout.equals(of(layout.get_data_type(), tag, dimensions(layout))))
        .findFirst()
        .orElse(format_tag.any);
  }

  /** The same with other dimensions, and perhaps another type. */
  static memory.desc like(memory.desc layout, data_type type, long... dimensions) {
    return of(type, tag(layout), dimensions);
  }
}
