package flowmatching.means.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withPrecision;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import flowmatching.Computes;
import flowmatching.RandomBatches;
import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.RunFailure;
import flowmatching.base.safetensors.NamedTensor;
import flowmatching.base.safetensors.SafeTensors;
import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.Precision;
import flowmatching.flow.Condition;
import flowmatching.flow.ImageBatch;
import flowmatching.means.storage.Folder;
import flowmatching.network.dl4j.UNet;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.conf.Configuration;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Computes
class ModelFolderTest {
  @TempDir Path directory;

  private Path description;
  private Path weights;

  @BeforeEach
  void writeModel() {
    TinyModel.write(directory, 1, 1);
    description = directory.resolve("model.json");
    weights = directory.resolve("model.safetensors");
  }

  @Test
  void aNetworkIsReadBackWithItsSettingsAndComputesTheSame() {
    var model = read();

    assertThat(model.settings()).isEqualTo(TinyModel.settings(1));
    var network = TinyModel.network(1, 1);
    assertThat(model.network(Precision.FLOAT32).parameters()).isEqualTo(network.parameters());
    ImageBatch x = RandomBatches.images(new ImageShape(1, 8, 8), 2, 1);
    List<Condition> conditions = List.of(Condition.time(0.5, 2));
    assertThat(model.network(Precision.FLOAT32).velocity(x, conditions).values())
        .isEqualTo(network.velocity(x, conditions).values());
  }

  @Test
  void everyTensorIsInTheFileWithItsNameAndLayout() throws Exception {
    var tensors = SafeTensors.read(Files.readAllBytes(weights), "test");

    assertThat(tensors.keySet()).isEqualTo(UNet.layout(TinyModel.settings(1)).shapes().keySet());
    float[] parameters = TinyModel.parameters(1, 1);
    UNet.layout(TinyModel.settings(1))
        .tensors()
        .forEach(
            parameter -> {
              var tensor = tensors.get(parameter.name());
              assertThat(tensor.shape()).as(parameter.name()).isEqualTo(parameter.shape());
              assertThat(tensor.values()).as(parameter.name()).isEqualTo(parameter.of(parameters));
            });
  }

  @Test
  void theSameNetworkGivesTheSameFilesAndDigest() throws Exception {
    var digest = read().digest();
    var before = Files.readAllBytes(weights);
    TinyModel.write(directory, 1, 1);

    assertThat(weights).hasBinaryContent(before);
    assertThat(read().digest()).isEqualTo(digest);
    TinyModel.write(directory, 1, 2);
    assertThat(read().digest()).isNotEqualTo(digest);
  }

  @Test
  void writingReturnsTheDigestThatReadingReturns() {
    var digest =
        ModelFolder.write(folder(directory), TinyModel.settings(1), TinyModel.parameters(1, 3));
    assertThat(digest).isEqualTo(read().digest());
  }

  @Test
  void aChangedSettingThatNoTensorShowsIsRefused() throws Exception {
    edit("\"groups\" : 8", "\"groups\" : 4");

    refused()
        .hasMessageContaining("model.json was changed")
        .hasMessageContaining("remove the key model_sha256");
  }

  @Test
  void settingsInOtherWhitespaceAreTheSame() throws Exception {
    edit("\"heads\" : 4", "\"heads\":4");

    assertThat(read().settings()).isEqualTo(TinyModel.settings(1));
  }

  /** The first version wrote no digest of the settings. */
  @Test
  void withoutTheSettingsDigestOtherSettingsAreAnotherModel() throws Exception {
    var digest = read().digest();
    removeSettingsDigest();
    edit("\"heads\" : 4", "\"heads\" : 2");

    assertThat(read().digest()).isNotEqualTo(digest);
  }

  @Test
  void aModelIsSerializable() throws Exception {
    var bytes = new ByteArrayOutputStream();
    try (var out = new ObjectOutputStream(bytes)) {
      out.writeObject(read());
    }
    try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      var arrived = (Model) in.readObject();
      assertThat(arrived.parameters()).isEqualTo(TinyModel.parameters(1, 1));
    }
  }

  @Test
  void weightsInAnotherOrderAreReadByName() throws Exception {
    var tensors = new ArrayList<>(new TreeMap<>(tensors()).descendingMap().values());
    replaceWeights(tensors);

    assertThat(read().parameters()).isEqualTo(TinyModel.parameters(1, 1));
  }

  @Test
  void aMissingFolderHoldsNoModel() {
    assertThatThrownBy(() -> ModelFolder.read(folder(directory.resolve("none"))))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("none holds no model: it has no model.json");
  }

  @Test
  void aNetworkComesWithTheProgram() {
    Model shipped = ModelFolder.read("shipped:fashion-mnist", new Configuration());
    assertThat(shipped.parameters()).hasSize(1_127_089);
  }

  @Test
  void anUnknownShippedNetworkIsRefused() {
    assertThatThrownBy(() -> ModelFolder.read("shipped:cats", new Configuration()))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining("No network shipped:cats")
        .hasMessageContaining("give shipped:fashion-mnist");
  }

  @Test
  void aShippedNetworkIsNamedInSmallLetters() {
    assertThatThrownBy(() -> ModelFolder.read("Shipped:fashion-mnist", new Configuration()))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessage(
            "No network Shipped:fashion-mnist comes with this program: give shipped:fashion-mnist, or a model's folder.");
  }

  @Test
  void aFileInsteadOfItsFolderIsRefused() {
    assertThatThrownBy(() -> ModelFolder.read(description.toString(), new Configuration()))
        .isInstanceOf(DataFailure.class)
        .hasMessage("file:" + description + " is a file: give its folder.");
  }

  @Test
  void aDescriptionWithoutANeededKeyIsRefusedInPlainWords() throws Exception {
    edit("\"weights\"", "\"wieghts\"");
    refused().hasMessageEndingWith("another program: it has no 'weights'.");
  }

  @Test
  void linksToNothingAreNotReportedAsMissing() throws Exception {
    for (Path file : List.of(weights, description)) {
      Files.delete(file);
      Files.createSymbolicLink(file, directory.resolve("not-mounted"));
      refused().hasMessageContaining(file.getFileName() + " is a link to nothing: restore");
    }
  }

  @Test
  void aTensorThatTheNetworkDoesNotHaveIsToBeRemoved() throws Exception {
    var whole = Files.readAllBytes(weights);
    var extra = new NamedTensor("steps", List.of(1L), new float[] {1});
    var tensors = new ArrayList<>(tensors().values());
    tensors.add(extra);
    replaceWeights(tensors);
    refused().hasMessageContaining("does not have, [steps]: remove them from the file.");

    var text = new String(Files.readAllBytes(weights), StandardCharsets.ISO_8859_1);
    var changed = text.replace("\"steps\":{\"dtype\":\"F32\"", "\"steps\":{\"dtype\":\"I32\"");
    replaceWeights(changed.getBytes(StandardCharsets.ISO_8859_1));
    refused()
        .hasMessageContaining("tensor 'steps' has the type \"I32\"")
        .hasMessageContaining("the network has no such tensor: remove it from the file")
        .hasMessageNotContaining("save it as");

    text = new String(whole, StandardCharsets.ISO_8859_1);
    changed = text.replaceFirst("(\"conv_in.bias\":\\{\"dtype\":\")F32", "$1I32");
    replaceWeights(changed.getBytes(StandardCharsets.ISO_8859_1));
    refused().hasMessageContaining("tensor 'conv_in.bias' has the type \"I32\"; save it as");
  }

  @Test
  void weightsAloneAreNotAModel() throws Exception {
    Files.delete(description);
    refused().hasMessageContaining("holds no model: it has no model.json");
  }

  @Test
  void theParentOfAModelsFolderIsRefusedWithTheRightOne() throws Exception {
    Files.createDirectory(directory.resolve("model"));
    Files.move(description, directory.resolve("model/model.json"));
    refused().hasMessageContaining("give that one").hasMessageContaining("/model");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "null", "{}", "{\"format_version\": 1}", "PK\u0003\u0004"})
  void aDescriptionOfAnythingElseIsRefused(String text) throws Exception {
    Files.writeString(description, text);
    refused().hasMessageContaining("model.json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"2", "0", "-1", "99999999999999999999"})
  void anotherFormatVersionIsRefusedEvenWithOtherKeys(String version) throws Exception {
    Files.writeString(description, "{\"format_version\": %s, \"new\": []}".formatted(version));
    refused().hasMessageContaining("format version " + version);
  }

  @Test
  void aNewerFormatVersionIsReported() throws Exception {
    edit("\"format_version\" : 1", "\"format_version\" : 2");
    refused()
        .hasMessageContaining("this program reads versions up to 1")
        .hasMessageContaining("a newer version of this program wrote it");
  }

  @Test
  void unknownKeysAreIgnored() throws Exception {
    edit("\"parameters\"", "\"trained\" : {\"epochs\" : 5}, \"parameters\"");
    edit("\"bytes\"", "\"type\" : \"F32\", \"bytes\"");
    assertThat(read().settings()).isEqualTo(TinyModel.settings(1));
  }

  @Test
  void bfloat16WeightsAreRead() throws Exception {
    replaceWeights(bfloat16(Files.readAllBytes(weights)));
    assertThat(read().parameters())
        .containsExactly(TinyModel.parameters(1, 1), withPrecision(4e-3f));
  }

  @Test
  void weightsOfAnUnsupportedTypeAreRefused() throws Exception {
    var text = new String(bfloat16(Files.readAllBytes(weights)), StandardCharsets.ISO_8859_1);
    replaceWeights(text.replace("\"BF16\"", "\"I16\" ").getBytes(StandardCharsets.ISO_8859_1));
    refused().hasMessageContaining("has the type \"I16\"; save it as 32-bit floats (F32)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"module.", "_orig_mod.", "_orig_mod.module."})
  void aWrappersPrefixInTheNamesIsReported(String prefix) throws Exception {
    replaceWeights(
        tensors().values().stream()
            .map(tensor -> new NamedTensor(prefix + tensor.name(), tensor.shape(), tensor.values()))
            .toList());
    refused()
        .hasMessageContaining("but with '%s' before each name".formatted(prefix))
        .hasMessageContaining("state_dict()");
  }

  @Test
  void someTensorsOfAnotherNetworkAreNamed() throws Exception {
    replaceWeights(
        tensors().values().stream()
            .map(tensor -> new NamedTensor(tensor.name() + "_", tensor.shape(), tensor.values()))
            .toList());
    refused()
        .hasMessageContaining("[conv_in.bias, conv_in.weight, ")
        .hasMessageContaining("and %d more are missing".formatted(tensors().size() - 5))
        .hasMessageContaining("and %d more are unknown".formatted(tensors().size() - 5));
  }

  @Test
  void missingWeightsAreRefused() throws Exception {
    Files.delete(weights);
    refused().hasMessageContaining("model.safetensors does not exist");
  }

  @Test
  void truncatedWeightsAreRefused() throws Exception {
    var whole = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(whole, whole.length - 1));
    refused()
        .hasMessageContaining("has %d bytes".formatted(whole.length - 1))
        .hasMessageContaining("says %d".formatted(whole.length));
  }

  @Test
  void weightsWithTrailingBytesAreRefused() throws Exception {
    var whole = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(whole, whole.length + 1));
    refused().hasMessageContaining("model.safetensors");
  }

  @Test
  void oneChangedBitIsRefused() throws Exception {
    var bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);
    refused().hasMessageContaining("is not the file that model.json describes");
  }

  @Test
  void filesOfTwoModelsAreNotMixed() throws Exception {
    var old = Files.readAllBytes(description);
    TinyModel.write(directory, 1, 2);
    Files.write(description, old);
    refused().hasMessageContaining("is not the file that model.json describes");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"time-embedding\" : 16 | \"time-embedding\" : 32 | was changed",
        "\"heads\" : 4 | \"heads\" : 3 | heads",
        "\"groups\" : 8 | \"groups\" : 3 | groups",
        "\"groups\" : 8 | \"groups\" : 8, \"class\" : 1 | unknown key",
      })
  void settingsThatDoNotMatchTheWeightsAreRefused(String from, String to, String reason)
      throws Exception {
    removeSettingsDigest();
    edit(from, to);
    refused().hasMessageContaining(reason);
  }

  @Test
  void aLengthTooSmallForTheParametersIsRefusedBeforeReading() throws Exception {
    Files.writeString(
        description,
        Files.readString(description).replaceFirst("\"bytes\" : \\d+", "\"bytes\" : -5"));
    refused().hasMessageContaining("do not fit into the -5 bytes");
  }

  @Test
  void aTensorOfAnotherNameIsRefused() throws Exception {
    var tensors = tensors();
    var bias = tensors.remove("conv_in.bias");
    tensors.put("conv_in.bais", new NamedTensor("conv_in.bais", bias.shape(), bias.values()));
    replaceWeights(List.copyOf(tensors.values()));
    refused()
        .hasMessageContaining("[conv_in.bias] are missing")
        .hasMessageContaining("[conv_in.bais] are unknown");
  }

  @Test
  void aTensorOfAnotherShapeIsRefused() throws Exception {
    var tensors = tensors();
    var values = tensors.get("conv_in.bias").values();
    tensors.put("conv_in.bias", new NamedTensor("conv_in.bias", List.of(2L, 4L), values));
    replaceWeights(List.copyOf(tensors.values()));
    refused().hasMessageContaining("'conv_in.bias' has the shape [2, 4]");
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void aValueThatIsNotFiniteIsRefused(float value) throws Exception {
    var tensors = tensors();
    tensors.get("conv_in.bias").values()[3] = value;
    replaceWeights(List.copyOf(tensors.values()));
    refused().hasMessageContaining("value 3 of tensor 'conv_in.bias' is " + value);
  }

  @Test
  void aDivergedNetworkIsNotWritten() {
    float[] parameters = TinyModel.parameters(1, 2);
    parameters[TinyModel.place(1, "conv_in.bias") + 3] = Float.NaN;
    var digest = read().digest();

    assertThatThrownBy(
            () -> ModelFolder.write(folder(directory), TinyModel.settings(1), parameters))
        .isInstanceOf(RunFailure.class)
        .hasMessageContaining("Weight 3 of conv_in.bias is NaN");
    assertThat(read().digest()).isEqualTo(digest);
  }

  private Model read() {
    return ModelFolder.read(folder(directory));
  }

  private static Folder folder(Path path) {
    return Folder.of(path.toUri().toString(), new Configuration());
  }

  private AbstractThrowableAssert<?, ?> refused() {
    return assertThatThrownBy(this::read).isInstanceOf(DataFailure.class);
  }

  private void edit(String from, String to) throws Exception {
    var text = Files.readString(description);
    assertThat(text).contains(from);
    Files.writeString(description, text.replace(from, to));
  }

  private void removeSettingsDigest() throws Exception {
    var text = Files.readString(description);
    var without = text.replaceFirst("\"model_sha256\" : \"[0-9a-f]{64}\",\\s*", "");
    assertThat(without).isNotEqualTo(text);
    Files.writeString(description, without);
  }

  private Map<String, NamedTensor> tensors() throws Exception {
    return SafeTensors.read(Files.readAllBytes(weights), "test");
  }

  /** Replaces the weights, and their digest and length in the description. */
  private void replaceWeights(List<NamedTensor> tensors) throws Exception {
    replaceWeights(SafeTensors.write(tensors, Map.of()));
  }

  private void replaceWeights(byte[] bytes) throws Exception {
    var old = Files.readAllBytes(weights);
    Files.write(weights, bytes);
    edit(DigestUtils.sha256Hex(old), DigestUtils.sha256Hex(bytes));
    edit("\"bytes\" : " + old.length, "\"bytes\" : " + bytes.length);
  }

  /** Converts a file of 32-bit floats to bfloat16: the types, offsets and values. */
  private static byte[] bfloat16(byte[] file) throws Exception {
    var in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int length = (int) in.getLong();
    var mapper = new ObjectMapper();
    var header = (ObjectNode) mapper.readTree(file, Long.BYTES, length);
    header.remove("__metadata__");
    for (var entry : header) {
      ((ObjectNode) entry).put("dtype", "BF16");
      var offsets = entry.get("data_offsets");
      ((ObjectNode) entry)
          .putArray("data_offsets")
          .add(offsets.get(0).asLong() / 2)
          .add(offsets.get(1).asLong() / 2);
    }
    var text = mapper.writeValueAsBytes(header);
    int values = (file.length - Long.BYTES - length) / Float.BYTES;
    var out =
        ByteBuffer.allocate(Long.BYTES + text.length + values * Short.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(text.length)
            .put(text);
    in.position(Long.BYTES + length);
    while (in.hasRemaining()) {
      out.putShort((short) (in.getInt() >> Short.SIZE));
    }
    return out.array();
  }
}
