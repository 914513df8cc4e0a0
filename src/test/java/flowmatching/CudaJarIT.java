package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The jar for GPUs as a user starts it, on machines that cannot run it: what nvidia-smi says is
 * made up, the jar and its library are real.
 */
class CudaJarIT {
  private static final String QUERY =
      "index,uuid,name,compute_cap,memory.total,memory.free,compute_mode,mig.mode.current";

  @TempDir Path directory;

  @BeforeEach
  void onlyInABuildForGpus() {
    assumeThat(Build.backend()).as("mvn -Pcuda verify or -Pcuda-ptx builds the jar").isNotEmpty();
  }

  @Test
  void noDriver() throws Exception {
    boolean there =
        Stream.of(System.getenv("PATH").split(":", -1))
            .anyMatch(folder -> Path.of(folder, "nvidia-smi").toFile().exists());
    assumeThat(there).as("this machine has a driver").isFalse();
    refused(List.of(), "No NVIDIA driver was found", "flow-matching.jar");
  }

  @Test
  void noDevice() throws Exception {
    nvidiaSmi("echo 'No devices were found'");
    refused(List.of(), "NVIDIA's driver sees no GPU on this machine");
  }

  @Test
  void aCardThatIsTooOldForTheLibrary() throws Exception {
    nvidiaSmi(
        "echo '0, GPU-3b1a9c04-7f0e-5c1d-9a67-2f4f0d8f5b11, Tesla M2090, 2.0, 6067, 6000, Default, [N/A]'");
    refused(
        List.of(),
        "ND4J's library in this jar cannot run on GPU 0 (Tesla M2090, compute capability 2.0)",
        "it has machine code for 3.");
  }

  @Test
  void aCardThatIsNewerThanTheLibrary() throws Exception {
    assumeThat(Build.backend()).as("cuda-ptx has code for newer cards").isEqualTo("cuda");
    nvidiaSmi(
        "echo '0, GPU-5d7b2c1e-aaaa-4b0c-8a55-0c7e5f3d9e33, NVIDIA H100 80GB HBM3, 9.0, 81559, 81004, Default, Disabled'");
    refused(
        List.of(),
        "cannot run on GPU 0 (NVIDIA H100 80GB HBM3, compute capability 9.0)",
        "machine code for 3.7, 5.0, 5.2, 6.0, 6.1, 7.0, 7.5, 8.0, 8.6 and no PTX",
        "BACKEND=cuda-ptx");
  }

  @Test
  void severalCardsOfWhichNoneIsChosen() throws Exception {
    nvidiaSmi(
        """
        echo '0, GPU-3b1a9c04-7f0e-5c1d-9a67-2f4f0d8f5b11, NVIDIA A10, 8.6, 23028, 22731, Default, [N/A]'
        echo '1, GPU-91e05a5f-12c2-63b0-6f0d-8b9a3a4f7c22, NVIDIA A10, 8.6, 23028, 22731, Default, [N/A]'
        """);
    refused(List.of(), "This machine has 2 GPUs", "CUDA_VISIBLE_DEVICES=0");
  }

  @Test
  void theProcessorsJarBesideIt() throws Exception {
    Path service = directory.resolve("other/META-INF/services/org.nd4j.linalg.factory.Nd4jBackend");
    Files.createDirectories(service.getParent());
    Files.writeString(service, "org.nd4j.linalg.cpu.nativecpu.CpuBackend\n");
    refused(
        List.of("--conf", "spark.driver.extraClassPath=" + directory.resolve("other")),
        "The class path has 2 backends of ND4J",
        "one jar of this program alone");
  }

  private void nvidiaSmi(String body) throws IOException {
    SubmitProject.script(
        directory.resolve("bin/nvidia-smi"),
        "[[ $* == \"--query-gpu=%s --format=csv,noheader,nounits\" ]] || exit 2\n%s\n"
            .formatted(QUERY, body));
  }

  /** Both jobs say it, and leave nothing behind. */
  private void refused(List<String> options, String... sentence) throws Exception {
    String path = directory.resolve("bin") + ":" + System.getenv("PATH");
    for (String script : new String[] {"train.sh", "sample.sh"}) {
      JobProcess job = new JobProcess(script, directory, options, Map.of("PATH", path));
      int exitCode =
          job.run(
              "local[1]",
              List.of("--check", "train.output=out", "sample.output=out", "sample.model=model"));
      assertThat(job.log()).contains(sentence).doesNotContain("\tat ");
      assertThat(exitCode).isEqualTo(3);
      assertThat(directory.resolve("out")).doesNotExist();
    }
  }
}
