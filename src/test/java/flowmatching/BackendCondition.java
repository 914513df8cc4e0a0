package flowmatching;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Whether {@link BackendListener} has found a machine that ND4J can compute on. */
final class BackendCondition implements ExecutionCondition {
  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    String failure = System.getProperty(BackendListener.FAILURE_PROPERTY, "");
    return failure.isEmpty()
        ? ConditionEvaluationResult.enabled("ND4J computes")
        : ConditionEvaluationResult.disabled(failure);
  }
}
