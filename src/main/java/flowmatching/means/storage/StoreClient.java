package flowmatching.means.storage;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.LocationText;
import java.io.IOException;
import java.net.URI;
import java.util.Properties;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.util.VersionInfo;

/**
 * The client of {@code s3a:}, which the user adds to the Spark home. A client of another Hadoop
 * version fails in the middle of a run, because a method is missing.
 */
final class StoreClient {
  private static final String CLIENT = "org.apache.hadoop.fs.s3a.S3AFileSystem";
  private static final String PROPERTIES =
      "/META-INF/maven/org.apache.hadoop/hadoop-aws/pom.properties";

  private StoreClient() {}

  /**
   * Checks the bucket of an {@code s3a:} URI, and the client's version if it says one.
   *
   * @throws ConfigurationFailure if the URI has no bucket or an invalid one
   * @throws EnvironmentFailure if the client is missing or of another version
   */
  static void check(URI uri, Configuration configuration) {
    // For Java, a URI whose host is not valid (as with _, or a digit after the last dot) has none.
    boolean isS3 = "s3a".equals(uri.getScheme());
    if (isS3 && uri.getHost() == null) {
      throw new ConfigurationFailure(
          "%s has no valid bucket: write s3a://BUCKET/FOLDER, with a bucket of 3 to 63 lower-case letters, digits, dots and hyphens that begins and ends with a letter or digit; the part after its last dot must begin with a letter."
              .formatted(LocationText.withoutCredentials(uri.toString())));
    }
    if (isS3 && CLIENT.equals(configuration.get("fs.s3a.impl", CLIENT))) {
      check(version(), VersionInfo.getVersion());
    }
  }

  /** The client's version is empty if it is unknown, such as another vendor's. */
  static void check(String client, String hadoop) {
    if (!client.isEmpty() && !client.equals(hadoop)) {
      throw new EnvironmentFailure(
          "s3a needs a hadoop-aws of the same version as Spark's Hadoop, which is %s, and the Spark home has %s: put hadoop-aws-%s.jar there with the AWS SDK that it requires, or unset SPARK_HOME to use the Spark home that the build makes."
              .formatted(hadoop, client, hadoop));
    }
  }

  private static String version() {
    if (StoreClient.class.getResource("/" + CLIENT.replace('.', '/') + ".class") == null) {
      return "none";
    }
    var properties = new Properties();
    try (var in = StoreClient.class.getResourceAsStream(PROPERTIES)) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      // A jar that cannot be read fails later with a better message.
    }
    return properties.getProperty("version", "");
  }
}
