package flowmatching.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.settings.Source;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFilesTest {
  @TempDir Path folder;

  @Test
  void filesAreReadInOrderUnderTheirGivenNames() throws IOException {
    var file = Files.writeString(folder.resolve("a b.conf"), "x = \"\u00e9\"").toString();

    assertThat(ConfigFiles.read(List.of("conf/train.conf", file)))
        .containsExactly(
            new Source("conf/train.conf", Files.readString(Path.of("conf/train.conf"))),
            new Source(file, "x = \"\u00e9\""));
  }

  @Test
  void aPathWithoutASchemeIsLocalWhateverTheDefaultFileSystem() throws IOException {
    var file = Files.writeString(folder.resolve("a.conf"), "x = 1").toString();
    System.setProperty("spark.hadoop.fs.defaultFS", "hdfs://nowhere:1");
    try {
      assertThat(ConfigFiles.read(List.of(file))).containsExactly(new Source(file, "x = 1"));
    } finally {
      System.clearProperty("spark.hadoop.fs.defaultFS");
    }
  }

  @Test
  void sparksHadoopSettingsReachTheFileSystem() throws IOException {
    var file = Files.writeString(folder.resolve("a.conf"), "x = 1");
    var uri = "conf-test://" + file;
    System.setProperty("spark.hadoop.fs.conf-test.impl", "org.apache.hadoop.fs.RawLocalFileSystem");
    try {
      // The raw local file system refuses a URI of another scheme, in its own words.
      assertThatThrownBy(() -> ConfigFiles.read(List.of(uri)))
          .hasMessageNotContaining("No FileSystem for scheme")
          .hasMessageContaining("expected: file:///");
    } finally {
      System.clearProperty("spark.hadoop.fs.conf-test.impl");
    }
  }

  @Test
  void everyFileThatCannotBeReadIsNamedInOneMessage() throws IOException {
    var binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, 0, 1});
    var large = Files.write(folder.resolve("large"), new byte[(1 << 20) + 1]);
    var missing = folder.resolve("missing.conf");

    assertThatThrownBy(
            () ->
                ConfigFiles.read(
                    List.of(
                        binary.toString(),
                        "conf/train.conf",
                        large.toString(),
                        missing.toString(),
                        folder.toString(),
                        "no-such-scheme://x/y",
                        "")))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining("--config " + binary + ": It is not text in UTF-8.")
        .hasMessageContaining("--config " + large + ": It is longer than 1 MiB")
        .hasMessageContaining("--config " + missing + ": ")
        .hasMessageContaining("--config " + folder + ": ")
        .hasMessageContaining("No FileSystem for scheme \"no-such-scheme\"")
        .hasMessageNotContaining("train.conf")
        .satisfies(failure -> assertThat(failure.getMessage().lines()).hasSize(7));
  }

  @Test
  void aChecksumFileOfAnotherProgramIsIgnored() throws IOException {
    var file = Files.writeString(folder.resolve("a.conf"), "x = 1");
    Files.writeString(folder.resolve(".a.conf.crc"), "crc\0\0\0\2\0\1\2\3\4");

    assertThat(ConfigFiles.read(List.of(file.toString(), file.toUri().toString())))
        .extracting(Source::text)
        .containsExactly("x = 1", "x = 1");
  }

  @Test
  void otherEncodingsThanUtf8AreRefused() throws IOException {
    for (var encoding : List.of("UTF-16", "UTF-16LE", "UTF-16BE")) {
      var file = Files.writeString(folder.resolve("a"), "x = 1", Charset.forName(encoding));

      assertThatThrownBy(() -> ConfigFiles.read(List.of(file.toString())))
          .isInstanceOf(ConfigurationFailure.class)
          .hasMessageContaining("--config " + file + ": It is not text in UTF-8.");
    }
  }

  @Test
  void aPathThatOnlyAShellWouldReplaceIsRefusedWithTheFix() {
    assertThatThrownBy(() -> ConfigFiles.read(List.of("~/my.conf")))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining("--config ~/my.conf: ~ is not replaced by a home folder here");
  }

  @Test
  void aFileOfExactlyTheLargestSizeIsRead() throws IOException {
    var largest = Files.writeString(folder.resolve("largest"), "#".repeat(1 << 20)).toString();

    assertThat(ConfigFiles.read(List.of(largest)).get(0).text()).hasSize(1 << 20);
  }

  @Test
  void aFileThatCannotBeLookedAtIsNotReportedAsMissing() throws IOException {
    // Like a folder without permission, but also for root.
    var loop = Files.createSymbolicLink(folder.resolve("loop"), folder.resolve("loop"));
    var link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("gone"));

    assertThatThrownBy(() -> ConfigFiles.read(List.of(loop.resolve("a.conf").toString())))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageNotContaining("does not exist");
    assertThatThrownBy(() -> ConfigFiles.read(List.of(link.toString(), folder.toString(), "s3a:a")))
        .hasMessageContaining(link + ": It is a link to nothing: restore what it names.")
        .hasMessageContaining(folder + ": It is a folder: give a file.")
        .hasMessageContaining("--config s3a:a: ")
        .hasMessageNotContaining("java.");
  }
}
