package flowmatching;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests that compute with ND4J. A build for GPUs skips them, with the reason, on a machine whose
 * GPU, if there is one, it cannot use, and where they need several.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(BackendCondition.class)
public @interface Computes {
  /** How many replicas or executors compute at once; a GPU has one. */
  int replicas() default 1;
}
