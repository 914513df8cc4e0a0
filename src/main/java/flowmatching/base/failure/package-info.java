/**
 * What ends a run: each failure is a sentence for the user and carries the exit code of its kind.
 *
 * <p>The sentence says what was wrong, the value, what is allowed and how to mend it. Jobs print it
 * without a stack trace, but for that of a defect of this program.
 */
package flowmatching.base.failure;
