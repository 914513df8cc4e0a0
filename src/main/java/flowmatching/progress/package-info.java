/** How far a running Spark job is: what its tasks have counted before they end. */
package flowmatching.progress;
