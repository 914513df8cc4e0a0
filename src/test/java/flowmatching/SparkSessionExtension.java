package flowmatching;

import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests a {@link SparkSession} as a parameter:
 * {@code @ExtendWith(SparkSessionExtension.class)}.
 *
 * <p>There is one local session with two threads, started by the first test that asks for it and
 * stopped when all tests have run. Tests must not stop it or change its settings.
 */
public final class SparkSessionExtension implements ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(SparkSessionExtension.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
    return parameter.getParameter().getType() == SparkSession.class;
  }

  @Override
  public SparkSession resolveParameter(ParameterContext parameter, ExtensionContext test) {
    // The root's store closes what it holds after the last test.
    return test.getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(SparkSession.class, key -> start(), SparkSession.class);
  }

  private static SparkSession start() {
    return SparkSession.builder()
        .appName("tests")
        .master("local[2]")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", false)
        .config("spark.executor.heartbeatInterval", "1s")
        .config("spark.sql.shuffle.partitions", 4)
        .getOrCreate();
  }
}
