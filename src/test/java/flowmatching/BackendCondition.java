package flowmatching;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Whether {@link BackendListener} has found a machine that ND4J can compute on. */
final class BackendCondition implements ExecutionCondition {
  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    String failure = System.getProperty(BackendListener.FAILURE_PROPERTY, "");
    int replicas =
        AnnotationSupport.findAnnotation(context.getElement(), Computes.class)
            .map(Computes::replicas)
            .orElse(1);
    if (replicas > 1 && !Build.backend().isEmpty()) {
      return ConditionEvaluationResult.disabled(
          "it needs %d replicas or executors, and a GPU has one".formatted(replicas));
    }
    return failure.isEmpty()
        ? ConditionEvaluationResult.enabled("ND4J computes")
        : ConditionEvaluationResult.disabled(failure);
  }
}
