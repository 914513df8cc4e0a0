package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What submit/gpu-discovery.sh tells Spark, on a machine whose programs are made up. */
class GpuDiscoveryTest {
  private static final String SCRIPT = "gpu-discovery.sh";

  @TempDir Path directory;
  private SubmitProject scripts;

  @BeforeEach
  void makeProject() throws IOException {
    scripts = SubmitProject.in(directory);
    // No other program is found, whatever this machine has.
    Path bash = Files.createDirectories(directory.resolve("bin")).resolve("bash");
    Files.writeString(bash, "#!/bin/sh\nexec /bin/bash \"$@\"\n");
    assertThat(bash.toFile().setExecutable(true)).isTrue();
  }

  @Test
  void theDriversIndices() throws Exception {
    nvidiaSmi("[[ \"$*\" == '--query-gpu=index --format=csv,noheader' ]] && printf '0\\n1\\n'");
    assertThat(discover(Map.of()))
        .isEqualTo(
            new SubmitProject.Ended(0, "{\"name\": \"gpu\", \"addresses\": [\"0\", \"1\"]}\n"));
  }

  @Test
  void whatAWorkersEnvironmentNamesAndOnlyThat() throws Exception {
    nvidiaSmi("printf '0\\n1\\n'");
    assertThat(discover(Map.of("CUDA_VISIBLE_DEVICES", "1")).output())
        .isEqualTo("{\"name\": \"gpu\", \"addresses\": [\"1\"]}\n");
    assertThat(discover(Map.of("CUDA_VISIBLE_DEVICES", "GPU-3b1a9c04-7f0e,0")).output())
        .isEqualTo("{\"name\": \"gpu\", \"addresses\": [\"GPU-3b1a9c04-7f0e\", \"0\"]}\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"NoDevFiles", "-1", "MIG-3b1a", "0,\"1\"", "0 $(id)", "*"})
  void anEnvironmentThatNamesNoGpuIsASentence(String visible) throws Exception {
    refused(discover(Map.of("CUDA_VISIBLE_DEVICES", visible)), "CUDA_VISIBLE_DEVICES names '");
  }

  @Test
  void nothingFoundIsASentence() throws Exception {
    refused(discover(Map.of("CUDA_VISIBLE_DEVICES", "")), "CUDA_VISIBLE_DEVICES names no GPU");
    refused(discover(Map.of()), "there is no nvidia-smi on the PATH");
    nvidiaSmi("true");
    refused(discover(Map.of()), "nvidia-smi names no GPU");
    nvidiaSmi("echo 'No devices were found'");
    refused(discover(Map.of()), "nvidia-smi names 'No', which is not a GPU");
    nvidiaSmi("echo 'NVIDIA-SMI has failed'; exit 9");
    refused(discover(Map.of()), "nvidia-smi failed, and said: NVIDIA-SMI has failed");
  }

  private void nvidiaSmi(String body) throws IOException {
    SubmitProject.script(directory.resolve("bin/nvidia-smi"), body + "\n");
  }

  private SubmitProject.Ended discover(Map<String, String> environment) throws Exception {
    var all = new HashMap<>(environment);
    all.put("PATH", directory.resolve("bin").toString());
    return scripts.run(SCRIPT, all);
  }

  private static void refused(SubmitProject.Ended ended, String sentence) {
    assertThat(ended.exitCode()).isEqualTo(3);
    assertThat(ended.output()).contains(sentence).hasLineCount(1);
  }
}
