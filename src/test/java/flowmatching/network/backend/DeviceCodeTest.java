package flowmatching.network.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.EnvironmentFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads excerpts of ND4J's own libraries, see src/test/resources/cuda/excerpt.py. */
class DeviceCodeTest {
  static final Path CUDA_11_6 = Path.of("src/test/resources/cuda/nd4j-cuda-11.6-excerpt.so");
  private static final Path CUDA_11_2 =
      Path.of("src/test/resources/cuda/nd4j-cuda-11.2-excerpt.so");

  private static final int FIRST_FAT_BINARY = 64;
  private static final int FIRST_ENTRY = FIRST_FAT_BINARY + 16;
  private static final int KIND_OF_NO_GPU = 64;

  @TempDir Path directory;

  @Test
  void theReleasedLibraryHasOnlyMachineCode() {
    assertThat(DeviceCode.of(CUDA_11_6))
        .hasToString("machine code for 3.7, 5.0, 5.2, 6.0, 6.1, 7.0, 7.5, 8.0, 8.6 and no PTX");
  }

  @Test
  void thePreviousReleaseAlsoHasPtx() {
    assertThat(DeviceCode.of(CUDA_11_2))
        .hasToString("machine code for 3.5, 5.0, 5.2, 6.0, 6.1, 7.0, 7.5, 8.0, 8.6 and PTX of 8.6");
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.7", "5.0", "6.2", "7.0", "7.2", "7.5", "8.0", "8.6", "8.9"})
  void machineCodeRunsOnItsMajorNumberFromItsMinorNumber(String card) {
    assertThat(DeviceCode.of(CUDA_11_6).runsOn(Capability.parse(card))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.5", "9.0", "10.0", "12.0"})
  void otherCardsNeedPtxOfAtMostTheirCapability(String card) {
    assertThat(DeviceCode.of(CUDA_11_6).runsOn(Capability.parse(card))).isFalse();
    assertThat(DeviceCode.of(CUDA_11_2).runsOn(Capability.parse(card))).isTrue();
  }

  @Test
  void aCardNeedsCodeInEveryFatBinary() throws Exception {
    Path library =
        changed(
            CUDA_11_6,
            bytes -> {
              assertThat(bytes.getInt(FIRST_ENTRY + 28)).isEqualTo(37);
              bytes.putInt(FIRST_ENTRY + 28, 90);
            });
    assertThat(DeviceCode.of(library))
        .hasToString("machine code for 5.0, 5.2, 6.0, 6.1, 7.0, 7.5, 8.0, 8.6 and no PTX");
  }

  @Test
  void aLibraryWithoutCodeForAnyCardInAllPartsIsRefused() throws Exception {
    Path library =
        changed(
            CUDA_11_6,
            bytes -> {
              // All entries of the first fat binary.
              long end = FIRST_ENTRY + bytes.getLong(FIRST_FAT_BINARY + 8);
              for (int entry = FIRST_ENTRY; entry < end; ) {
                bytes.putShort(entry, (short) KIND_OF_NO_GPU);
                entry += bytes.getInt(entry + 4) + (int) bytes.getLong(entry + 8);
              }
            });
    refused(library, "no GPU finds code in all of its parts");
  }

  @Test
  void aTruncatedFileIsRefused() throws Exception {
    byte[] whole = Files.readAllBytes(CUDA_11_6);
    for (int length : new int[] {0, 10, 63, 64, 2000, whole.length - 1}) {
      Path cut = Files.write(directory.resolve("cut-" + length), Arrays.copyOf(whole, length));
      refused(cut, "it ends too early, at byte " + length);
    }
  }

  @Test
  void aFileInAnotherFormatIsRefused() throws Exception {
    Path other = Files.write(directory.resolve("other"), new byte[1000]);
    refused(other, "it is not a 64-bit ELF file");
    refused(directory.resolve("none"), directory.resolve("none").toString());
  }

  @Test
  void aLibraryWithoutCodeForGpusIsRefused() throws Exception {
    Path library =
        changed(
            CUDA_11_6,
            bytes -> {
              int table = (int) bytes.getLong(40);
              // The name of the first section becomes that of the section of names.
              bytes.putInt(table + 64, bytes.getInt(table + 128));
            });
    refused(library, "it has no code for GPUs");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 40})
  void impossibleSizesAreRefused(long size) throws Exception {
    refused(changed(CUDA_11_6, bytes -> bytes.putLong(FIRST_FAT_BINARY + 8, size)), "is damaged");
    refused(changed(CUDA_11_6, bytes -> bytes.putLong(FIRST_ENTRY + 8, size)), "is damaged");
    refused(changed(CUDA_11_6, bytes -> bytes.putLong(40, size)), "it ends too early");
  }

  @Test
  void aFatBinaryOrEntryBeyondItsEndIsRefused() throws Exception {
    long section = 7288;
    refused(
        changed(CUDA_11_6, bytes -> bytes.putLong(FIRST_FAT_BINARY + 8, section - 16 + 1)),
        "is damaged");
    refused(
        changed(
            CUDA_11_6,
            bytes -> bytes.putLong(FIRST_ENTRY + 8, bytes.getLong(FIRST_FAT_BINARY + 8))),
        "is damaged");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 63, Integer.MAX_VALUE})
  void impossibleHeaderSizesAreRefused(int size) throws Exception {
    refused(changed(CUDA_11_6, bytes -> bytes.putInt(FIRST_ENTRY + 4, size)), "is damaged");
  }

  private Path changed(Path library, Consumer<ByteBuffer> change) throws IOException {
    byte[] bytes = Files.readAllBytes(library);
    change.accept(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    return Files.write(directory.resolve("changed.so"), bytes);
  }

  private static void refused(Path library, String reason) {
    assertThatThrownBy(() -> DeviceCode.of(library))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageStartingWith("ND4J's library for GPUs, which was unpacked to " + library)
        .hasMessageContaining(reason)
        .hasMessageContaining("Remove the file");
  }
}
