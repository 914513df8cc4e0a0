package flowmatching.network.dl4j;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class HostImagesTest {
  @Test
  void anImageWithMoreValuesThanKernelsCanIndexIsRefused() {
    assertThatThrownBy(() -> new HostImages(null, 1, 1 << 16, 1 << 16))
        .isInstanceOf(ArithmeticException.class);
  }
}
