package flowmatching.network.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class VersionsTest {
  @Test
  void theVersionsAreThoseOfTheBuild() throws Exception {
    var versions = Versions.ofThisBuild();
    assertThat(Files.readString(Path.of("pom.xml")))
        .contains("<artifactId>flow-matching</artifactId>\n  <version>" + versions.project() + "<")
        .contains("<dl4j.version>" + versions.dl4j() + "<");
  }
}
