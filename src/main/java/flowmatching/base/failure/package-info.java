/**
 * Failures that end a run, each with a sentence for the user and an exit code.
 *
 * <p>The sentence says what is wrong, the value, what is allowed and how to fix it. Jobs print it
 * without a stack trace, except for a defect of this program.
 */
package flowmatching.base.failure;
