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
   * Checks that an {@code s3a:} URI has a bucket, and that the client is of Spark's Hadoop version,
   * if it says its version.
   *
   * @throws ConfigurationFailure if the URI has no bucket or an invalid one
   * @throws EnvironmentFailure if the client is missing or of another version
   */
  static void check(URI uri, Configuration configuration) {
    // For Java, a URI has no host if its name is not valid, such as with _ or a digit after the
    // last dot.
    if ("s3a".equals(uri.getScheme()) && uri.getHost() == null) {
      throw new ConfigurationFailure(
          "%s has no valid bucket: write s3a://BUCKET/FOLDER, with a bucket of 3 to 63 lower-case letters, digits, dots and hyphens that begins and ends with a letter or digit; the part after its last dot must begin with a letter."
              .formatted(LocationText.withoutCredentials(uri.toString())));
    }
    if ("s3a".equals(uri.getScheme()) && CLIENT.equals(configuration.get("fs.s3a.impl", CLIENT))) {
      check(isInstalled() ? version() : "none", VersionInfo.getVersion());
    }
  }

  /**
   * Compares versions.
   *
   * @param client empty if unknown, such as another vendor's
   */
  static void check(String client, String hadoop) {
    if (!client.isEmpty() && !client.equals(hadoop)) {
      throw new EnvironmentFailure(
          "s3a needs a hadoop-aws of the same version as Spark's Hadoop, which is %s, and the Spark home has %s: put hadoop-aws-%s.jar there with the AWS SDK that it requires, or unset SPARK_HOME to use the Spark home that the build makes."
              .formatted(hadoop, client, hadoop));
    }
  }

  private static boolean isInstalled() {
    return StoreClient.class.getResource("/" + CLIENT.replace('.', '/') + ".class") != null;
  }

  private static String version() {
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
