package flowmatching.work.sample;

import com.fasterxml.jackson.databind.util.ByteBufferBackedInputStream;
import flowmatching.base.failure.DataFailure;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.example.GroupWriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.DelegatingPositionOutputStream;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * Samples as a Parquet object in memory, so that it can be written in one request, with a row per
 * sample in the order given. The same samples give the same bytes: the object has no time, host or
 * task.
 */
final class SampleParquet {
  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          """
          message sample {
            required int64 id;
            required int64 seed;
            required binary png;
            required int32 evaluations;
          }
          """);

  /** In the object's metadata. */
  private static final String RUN_SHA256 = "run_sha256";

  /** A Parquet object ends with its metadata, their length (4 bytes), and a magic number (4). */
  private static final int TAIL_BYTES = 2 * Integer.BYTES;

  private SampleParquet() {}

  static byte[] of(List<EncodedSample> samples) {
    var bytes = new ByteArrayOutputStream();
    try {
      try (var writer =
          new Builder(new InMemoryFile(bytes), metadata(samples))
              // The cluster's settings must not affect the bytes.
              .withConf(new Configuration(false))
              // PNG is already compressed.
              .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
              .withDictionaryEncoding(false)
              .build()) {
        for (var sample : samples) {
          writer.write(
              new SimpleGroup(SCHEMA)
                  .append("id", sample.id())
                  .append("seed", sample.origin().seed())
                  .append("png", Binary.fromConstantByteArray(sample.png()))
                  .append("evaluations", sample.evaluations()));
        }
      }
      return withSortedEncodings(bytes.toByteArray());
    } catch (IOException e) {
      throw new AssertionError("Memory can always be written to and read from.", e);
    }
  }

  private static Map<String, String> metadata(List<EncodedSample> samples) {
    return samples.stream()
        .map(sample -> sample.origin().runSha256())
        .filter(sha256 -> !sha256.isEmpty())
        .findFirst()
        .map(sha256 -> Map.of(RUN_SHA256, sha256))
        .orElse(Map.of());
  }

  /** Parquet lists them in the order of a hash set, which differs between processes. */
  private static byte[] withSortedEncodings(byte[] object) throws IOException {
    var tail = object.length - TAIL_BYTES;
    var start = tail - ByteBuffer.wrap(object).order(ByteOrder.LITTLE_ENDIAN).getInt(tail);
    var metadata = Util.readFileMetaData(new ByteArrayInputStream(object, start, tail - start));
    for (var rows : metadata.getRow_groups()) {
      for (var column : rows.getColumns()) {
        Collections.sort(column.getMeta_data().getEncodings());
      }
    }
    var stable = new ByteArrayOutputStream(object.length);
    stable.write(object, 0, start);
    Util.writeFileMetaData(metadata, stable);
    // The sorted metadata have the same length, so the tail stays valid.
    stable.write(object, tail, TAIL_BYTES);
    return stable.toByteArray();
  }

  /**
   * Reads the bytes of {@link #of}, with the object's path for the message.
   *
   * @throws DataFailure if they are damaged
   */
  static List<EncodedSample> read(byte[] object, String origin) {
    var samples = new ArrayList<EncodedSample>();
    var input = new InMemoryInput(object);
    try (var file = ParquetFileReader.open(input);
        var reader =
            new ParquetReader.Builder<Group>(input) {
              @Override
              protected ReadSupport<Group> getReadSupport() {
                return new GroupReadSupport();
              }
            }.withConf(new Configuration(false)).build()) {
      var runSha256 = file.getFileMetaData().getKeyValueMetaData().getOrDefault(RUN_SHA256, "");
      for (var row = reader.read(); row != null; row = reader.read()) {
        samples.add(
            new EncodedSample(
                row.getLong("id", 0),
                new Origin(row.getLong("seed", 0), runSha256),
                row.getBinary("png", 0).getBytes(),
                row.getInteger("evaluations", 0)));
      }
      return samples;
    } catch (IOException | RuntimeException e) {
      // Parquet reports a damaged file as either.
      throw new DataFailure(
          "%s is not a complete Parquet object of samples: %s. Copy it again, or delete it and _SUCCESS and run SampleJob again to make it."
              .formatted(origin, e.getMessage()),
          e);
    }
  }

  private static final class Builder extends ParquetWriter.Builder<Group, Builder> {
    private final Map<String, String> metadata;

    Builder(OutputFile file, Map<String, String> metadata) {
      super(file);
      this.metadata = metadata;
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    protected WriteSupport<Group> getWriteSupport(Configuration configuration) {
      GroupWriteSupport.setSchema(SCHEMA, configuration);
      return new GroupWriteSupport() {
        /** The object's metadata name no class. */
        @Override
        public String getName() {
          return null;
        }

        @Override
        public FinalizedWriteContext finalizeWrite() {
          return new FinalizedWriteContext(metadata);
        }
      };
    }
  }

  // Never compared.
  @SuppressWarnings("ArrayRecordComponent")
  private record InMemoryInput(byte[] bytes) implements InputFile {
    /** Parquet's messages name the file by it. */
    @Override
    public String toString() {
      return "it";
    }

    @Override
    public long getLength() {
      return bytes.length;
    }

    @Override
    public SeekableInputStream newStream() {
      var buffer = ByteBuffer.wrap(bytes);
      return new DelegatingSeekableInputStream(new ByteBufferBackedInputStream(buffer)) {
        @Override
        public long getPos() {
          return buffer.position();
        }

        @Override
        public void seek(long position) {
          buffer.position(Math.toIntExact(position));
        }
      };
    }
  }

  private record InMemoryFile(ByteArrayOutputStream bytes) implements OutputFile {
    @Override
    public PositionOutputStream create(long blockSizeHint) {
      return new DelegatingPositionOutputStream(bytes) {
        @Override
        public long getPos() {
          return bytes.size();
        }
      };
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSizeHint) {
      bytes.reset();
      return create(blockSizeHint);
    }

    @Override
    public boolean supportsBlockSize() {
      return false;
    }

    @Override
    public long defaultBlockSize() {
      return 0;
    }
  }
}
