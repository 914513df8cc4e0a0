package flowmatching.storage;

import flowmatching.failure.EnvironmentFailure;
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
   * Checks that it is of the Hadoop that Spark runs with, as far as that is known.
   *
   * @throws EnvironmentFailure where there is none, or it is of another
   */
  static void check(URI uri, Configuration configuration) {
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
