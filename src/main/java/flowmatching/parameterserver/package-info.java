/**
 * DL4J's Spark parameter server, made dependable. Replicas on the executors share each step's
 * updates through it; {@link flowmatching.parameterserver.ParameterServer} cuts a run into rounds,
 * starts every round from one state on every replica, and takes the state after it from the
 * replicas themselves, not from what the server relayed.
 */
package flowmatching.parameterserver;
