package flowmatching.means.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.EnvironmentFailure;
import java.io.IOException;
import java.net.URI;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SinglePutTest {
  private Folder folder;
  private ObjectStore store;

  @BeforeEach
  void open() throws IOException {
    open(new Configuration());
  }

  private void open(Configuration configuration) throws IOException {
    configuration.setClass("fs.s3a.impl", ObjectStore.class, FileSystem.class);
    var bucket = "s3a://bucket-" + UUID.randomUUID();
    folder = Folder.of(bucket + "/run", configuration);
    store = (ObjectStore) FileSystem.get(URI.create(bucket), configuration);
  }

  @Test
  void anObjectIsWrittenInOneUploadWithoutATemporaryOne() {
    folder.write("model/model.json", new byte[] {1, 2});
    folder.write("model/model.json", new byte[] {3, 4});

    assertThat(store.objects()).containsOnlyKeys("/run/model/model.json");
    assertThat(folder.read("model/model.json", 2)).containsExactly(3, 4);
  }

  @Test
  void anExistingObjectIsKept() {
    assertThat(folder.createIfAbsent("identity.json", new byte[] {1})).isTrue();
    assertThat(folder.createIfAbsent("identity.json", new byte[] {2})).isFalse();
    assertThat(folder.read("identity.json", 1)).containsExactly(1);
  }

  @Test
  void aFailedUploadPublishesNothing() {
    store.fail();

    assertThatThrownBy(() -> folder.write("model.json", new byte[] {1, 2, 3}))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("/run/model.json cannot be written: the connection broke");
    assertThat(store.objects()).isEmpty();
  }

  @Test
  void deletingAFolderDeletesItsObjects() {
    folder.write("checkpoints/epoch-0001/model.json", new byte[] {1});
    folder.write("checkpoints/epoch-0002/model.json", new byte[] {2});
    folder.delete("checkpoints/epoch-0001");

    assertThat(store.objects()).containsOnlyKeys("/run/checkpoints/epoch-0002/model.json");
    assertThat(folder.child("checkpoints").list()).containsExactly("epoch-0002");
  }

  @Test
  void aStoreHasUnlimitedSpace() {
    assertThat(folder.space()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void theCheckLeavesNothing() {
    folder.checkWritable();

    assertThat(store.objects()).isEmpty();
  }

  @Test
  void theCheckReportsWhetherTheStoreSupportsConditionalUploads() throws IOException {
    assertThat(folder.checkWritable()).isFalse();

    open(with(ObjectStore.CONDITIONAL));
    assertThat(folder.checkWritable()).isTrue();
    assertThat(store.objects()).isEmpty();
  }

  @Test
  void aStoreThatChangesObjectsFailsTheCheck() throws IOException {
    open(with(ObjectStore.FRAMING));

    assertThatThrownBy(folder::checkWritable)
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("/run cannot be written to: it changes what is written")
        .hasMessageContaining("256 bytes were written, and 267 different bytes read back");
    assertThat(store.objects()).isEmpty();
  }

  private static Configuration with(String setting) {
    var configuration = new Configuration();
    configuration.setBoolean(setting, true);
    return configuration;
  }
}
