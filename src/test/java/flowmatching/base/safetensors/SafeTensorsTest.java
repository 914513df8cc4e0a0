package flowmatching.base.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.Python;
import flowmatching.base.failure.DataFailure;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafeTensorsTest {
  private static final List<NamedTensor> TENSORS =
      List.of(
          new NamedTensor("conv.weight", List.of(2L, 3L), new float[] {0, 1, -2, 0.5f, 4, 1e-8f}),
          new NamedTensor("a", List.of(), new float[] {7}),
          new NamedTensor("empty", List.of(0L, 4L), new float[] {}));

  @Test
  void theBytesAreThoseOfTheSpecification() {
    var tensor = new NamedTensor("w", List.of(2L), new float[] {1, -2});
    var header =
        """
        {"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  \s""";

    assertThat(SafeTensors.write(List.of(tensor), Map.of("format", "pt")))
        .isEqualTo(file(header, 0, 0, (byte) 0x80, 0x3f, 0, 0, 0, (byte) 0xc0));
    assertThat(header.length()).isEqualTo(88);
  }

  @Test
  void tensorsAreReadAsTheyWereWritten() {
    var read = SafeTensors.read(SafeTensors.write(TENSORS, Map.of()), "model.safetensors");

    assertThat(read).containsOnlyKeys("conv.weight", "a", "empty");
    for (var tensor : TENSORS) {
      assertThat(read.get(tensor.name()).shape()).isEqualTo(tensor.shape());
      assertThat(read.get(tensor.name()).values()).isEqualTo(tensor.values());
    }
  }

  @Test
  void tensorsComeInTheOrderOfTheirValues() {
    var read =
        SafeTensors.read(
            file(
                """
                {"second":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},
                 "first":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
                0,
                0,
                (byte) 0x80,
                0x3f,
                0,
                0,
                0,
                0x40),
            "model.safetensors");

    assertThat(read.keySet()).containsExactly("first", "second");
    assertThat(read.get("first").values()).containsExactly(1);
    assertThat(read.get("second").values()).containsExactly(2);
  }

  @Test
  void infiniteValuesAreRead() {
    var tensor =
        new NamedTensor("w", List.of(2L), new float[] {Float.NaN, Float.POSITIVE_INFINITY});

    assertThat(
            SafeTensors.read(SafeTensors.write(List.of(tensor), Map.of()), "m").get("w").values())
        .isEqualTo(tensor.values());
  }

  /** NumPy gives the same values. */
  @ParameterizedTest
  @CsvSource({
    "F16, 3c00, 0x1p0",
    "F16, c000, -0x1p1",
    "F16, 3555, 0x1.554p-2",
    "F16, 0001, 0x1p-24",
    "F16, 83ff, -0x1.ff8p-15",
    "F16, 0400, 0x1p-14",
    "F16, 7bff, 65504",
    "F16, 8000, -0.0",
    "F16, fc00, -Infinity",
    "F16, 7e00, NaN",
    "BF16, 3f80, 0x1p0",
    "BF16, c0a0, -5",
    "BF16, 0001, 0x1p-133",
    "BF16, 7f80, Infinity",
    "F64, bff0000000000000, -0x1p0",
    "F64, 3fb999999999999a, 0.1",
    "F64, 7fefffffffffffff, Infinity"
  })
  void otherFloatsAreReadAsTheNearest32BitFloats(String type, String bits, float value) {
    int size = bits.length() / 2;
    int[] bytes = new int[3 * size];
    for (int i = 0; i < size; i++) {
      bytes[size + i] =
          Integer.parseInt(bits, bits.length() - 2 * i - 2, bits.length() - 2 * i, 16);
    }
    var header =
        """
        {"a":{"dtype":"%s","shape":[2],"data_offsets":[0,%d]},
         "b":{"dtype":"%s","shape":[],"data_offsets":[%d,%d]}}"""
            .formatted(type, 2 * size, type, 2 * size, 3 * size);

    var read = SafeTensors.read(file(header, bytes), "model.safetensors");

    assertThat(read.get("a").values()).containsExactly(0, value);
    assertThat(read.get("b").values()).containsExactly(0);
  }

  @Test
  void twoTensorsOfTheSameNameAreNotWritten() {
    var tensor = TENSORS.get(0);

    assertThatThrownBy(() -> SafeTensors.write(List.of(tensor, tensor), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("conv.weight");
  }

  @Test
  void theNumberOfValuesMustMatchTheShape() {
    assertThatThrownBy(() -> new NamedTensor("w", List.of(2L, 2L), new float[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("w has 3 values in a shape of 4");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          []                                                                        | not a JSON object
          {"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}                     | header is not JSON
          {"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} x                  | header is not JSON
          {"w":{"dtype":"I16","shape":[2],"data_offsets":[0,4]}}                    | tensor 'w' has the type "I16"; save it as 32-bit floats
          {"w":{"dtype":"F32","shape":[1]}}                                         | tensor 'w' has the keys [dtype, shape]
          {"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"class":"x"}}        | tensor 'w' has the keys
          {"w":{"dtype":"F16","shape":[1],"data_offsets":[0,4]}}                    | needs 2 bytes, but has the bytes from 0 to 4
          {"w":{"dtype":7,"shape":[1],"data_offsets":[0,4]}}                        | tensor 'w' has the type 7; save it as 32-bit floats
          {"w":7}                                                                   | tensor 'w' has the keys []
          {"w":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}                      | shape of tensor 'w' is not a list
          {"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}                   | shape of tensor 'w' has -1
          {"w":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}                  | shape of tensor 'w' has 1.0
          {"w":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}  | has 9223372036854775808
          {"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}| is too large
          {"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}                  | has 3 data_offsets, not 2
          {"w":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}                    | needs 4 bytes, but has the bytes from 4 to 0
          {"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}                    | needs 8 bytes, but has the bytes from 0 to 4
          {"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}                    | its tensors have 8 bytes, but 4 follow the header
          {}                                                                        | its tensors have 0 bytes, but 4 follow the header
          {"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}                    | the values of tensor 'w' start at 4 instead of 0
          {"v":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} | the values of tensor 'w' start at 0 instead of 4
          {"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} | Duplicate field 'w'
          {"__metadata__":{"format":1},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} | the value of 'format' in __metadata__ is not a string
          {"__metadata__":"pt","w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}         | __metadata__ is not an object
          """)
  void aHeaderThatContradictsTheFileIsRefused(String header, String sentence) {
    assertThatThrownBy(() -> SafeTensors.read(file(header, 0, 0, 0, 0), "model.safetensors"))
        .isInstanceOf(DataFailure.class)
        .hasMessageStartingWith("model.safetensors is not a complete safetensors file of floats: ")
        .hasMessageContaining(sentence);
  }

  @Test
  void aDeeplyNestedHeaderIsRefused() {
    assertThatThrownBy(() -> SafeTensors.read(file("[".repeat(1 << 20)), "model.safetensors"))
        .isInstanceOf(DataFailure.class);
  }

  @ParameterizedTest
  @CsvSource({"-1", "9223372036854775807", "4194305", "17"})
  void aHeaderLengthBeyondTheFileOrTheLimitIsRefused(long length) {
    var bytes = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();

    assertThatThrownBy(() -> SafeTensors.read(bytes, "model.safetensors"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining(
            "its header should have %s bytes; the file has 16 more"
                .formatted(Long.toUnsignedString(length)));
  }

  @Test
  void aFileCutOffAnywhereIsRefused() {
    var whole = SafeTensors.write(TENSORS, Map.of());

    for (int length = 0; length < whole.length; length++) {
      var part = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> SafeTensors.read(part, "model.safetensors"))
          .isInstanceOf(DataFailure.class);
    }
  }

  @Test
  void pythonReadsWhatIsWritten(@TempDir Path directory) throws Exception {
    var python = Python.with("numpy", directory);
    var file = directory.resolve("model.safetensors");
    Files.write(file, SafeTensors.write(TENSORS, Map.of("format", "pt")));

    assertThat(python.runScript("read_safetensors.py", file))
        .isEqualTo(
            new Python.Ended(
                0,
                """
                metadata {"format": "pt"}
                conv.weight (2, 3) [[0.0, 1.0, -2.0], [0.5, 4.0, 9.99999993922529e-09]]
                a () 7.0
                empty (0, 4) []
                """));
  }

  private static byte[] file(String header, int... values) {
    var json = header.getBytes(UTF_8);
    var file = new ByteArrayOutputStream();
    file.writeBytes(
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(json.length)
            .array());
    file.writeBytes(json);
    for (var value : values) {
      file.write(value);
    }
    return file.toByteArray();
  }
}
