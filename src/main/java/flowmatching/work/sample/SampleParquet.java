package flowmatching.work.sample;

import com.fasterxml.jackson.databind.util.ByteBufferBackedInputStream;
import flowmatching.base.failure.DataFailure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.DelegatingPositionOutputStream;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

/**
 * Samples as a Parquet object in memory, so that it can be written in one request: columns {@code
 * id} and {@code seed} (long), {@code png} (binary) and {@code evaluations} (int), rows in the
 * order given. The same samples give the same bytes: the object has no time, host or task.
 */
final class SampleParquet {
  private static final MessageType SCHEMA =
      Types.buildMessage()
          .required(PrimitiveTypeName.INT64)
          .named("id")
          .required(PrimitiveTypeName.INT64)
          .named("seed")
          .required(PrimitiveTypeName.BINARY)
          .named("png")
          .required(PrimitiveTypeName.INT32)
          .named("evaluations")
          .named("sample");

  private SampleParquet() {}

  static byte[] of(List<EncodedSample> samples) {
    var bytes = new ByteArrayOutputStream();
    try {
      try (var writer =
          new Builder(new InMemoryFile(bytes))
              // The cluster's settings must not affect the bytes.
              .withConf(new Configuration(false))
              // PNG is already compressed.
              .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
              .withDictionaryEncoding(false)
              .build()) {
        for (var sample : samples) {
          writer.write(sample);
        }
      }
      return StableFooter.of(bytes.toByteArray());
    } catch (IOException e) {
      throw new AssertionError("Memory can always be written to and read from.", e);
    }
  }

  /**
   * Reads the bytes of {@link #of}.
   *
   * @param origin the object's path, for the message
   * @throws DataFailure if they are damaged
   */
  static List<EncodedSample> read(byte[] object, String origin) {
    var samples = new ArrayList<EncodedSample>();
    try (var reader =
        new ParquetReader.Builder<Group>(new InMemoryInput(object)) {
          @Override
          protected ReadSupport<Group> getReadSupport() {
            return new GroupReadSupport();
          }
        }.withConf(new Configuration(false)).build()) {
      for (var row = reader.read(); row != null; row = reader.read()) {
        samples.add(
            new EncodedSample(
                row.getLong("id", 0),
                row.getLong("seed", 0),
                row.getBinary("png", 0).getBytes(),
                row.getInteger("evaluations", 0)));
      }
      return samples;
    } catch (IOException | RuntimeException e) {
      // Parquet reports a damaged file as either.
      throw new DataFailure(
          "%s is not a complete Parquet object of samples: %s. Delete it, and the run makes it again."
              .formatted(origin, e.getMessage()),
          e);
    }
  }

  private static final class Builder extends ParquetWriter.Builder<EncodedSample, Builder> {
    Builder(OutputFile file) {
      super(file);
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    protected WriteSupport<EncodedSample> getWriteSupport(Configuration configuration) {
      return new Columns();
    }
  }

  private static final class Columns extends WriteSupport<EncodedSample> {
    private RecordConsumer row;

    @Override
    public WriteContext init(Configuration configuration) {
      return new WriteContext(SCHEMA, Map.of());
    }

    @Override
    public void prepareForWrite(RecordConsumer consumer) {
      row = consumer;
    }

    @Override
    public void write(EncodedSample sample) {
      row.startMessage();
      field("id", () -> row.addLong(sample.id()));
      field("seed", () -> row.addLong(sample.seed()));
      field("png", () -> row.addBinary(Binary.fromConstantByteArray(sample.png())));
      field("evaluations", () -> row.addInteger(sample.evaluations()));
      row.endMessage();
    }

    private void field(String name, Runnable value) {
      var index = SCHEMA.getFieldIndex(name);
      row.startField(name, index);
      value.run();
      row.endField(name, index);
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
