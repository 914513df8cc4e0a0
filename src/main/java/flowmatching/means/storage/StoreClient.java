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
 * The client of {@code s3a:} that stands in the Spark home, where a user has put it: with another
 * Hadoop than its own it fails in the middle of a run, for want of some method.
 */
final class StoreClient {
  private static final String CLIENT = "org.apache.hadoop.fs.s3a.S3AFileSystem";
  private static final String PROPERTIES =
      "/META-INF/maven/org.apache.hadoop/hadoop-aws/pom.properties";

  private StoreClient() {}

  /**
   * Checks that a URI names a bucket, and that the client is of the Hadoop that Spark runs with, as
   * far as that is known.
   *
   * @throws ConfigurationFailure if the URI has no bucket, or a name that a bucket cannot have
   * @throws EnvironmentFailure where there is no client, or it is of another Hadoop
   */
  static void check(URI uri, Configuration configuration) {
    // Java takes what is no host's name, as with _ in it or a digit after its last dot, for no
    // host.
    if ("s3a".equals(uri.getScheme()) && uri.getHost() == null) {
      throw new ConfigurationFailure(
          "%s names no bucket of an object store: write s3a://BUCKET/FOLDER, with a bucket of 3 to 63 lower-case letters, digits, dots and hyphens that begins and ends with a letter or digit; what follows its last dot must begin with a letter."
              .formatted(LocationText.withoutCredentials(uri.toString())));
    }
    if ("s3a".equals(uri.getScheme()) && CLIENT.equals(configuration.get("fs.s3a.impl", CLIENT))) {
      check(isThere() ? version() : "none", VersionInfo.getVersion());
    }
  }

  /**
   * Compares versions.
   *
   * @param client empty where it is not known, as of another maker's
   */
  static void check(String client, String hadoop) {
    if (!client.isEmpty() && !client.equals(hadoop)) {
      throw new EnvironmentFailure(
          "s3a needs hadoop-aws of the version of Spark's Hadoop, which is %s, and the Spark home has %s: put hadoop-aws-%s.jar there with the AWS SDK that it names, or unset SPARK_HOME for the Spark home that the build makes."
              .formatted(hadoop, client, hadoop));
    }
  }

  private static boolean isThere() {
    return StoreClient.class.getResource("/" + CLIENT.replace('.', '/') + ".class") != null;
  }

  private static String version() {
    var properties = new Properties();
    try (var in = StoreClient.class.getResourceAsStream(PROPERTIES)) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      // An archive that cannot be read fails later, and says so.
    }
    return properties.getProperty("version", "");
  }
}
