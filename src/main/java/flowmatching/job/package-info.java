/**
 * The command line that the jobs share: options, configuration files on any Hadoop file system, and
 * exit codes. A job adds what it does with its settings, and nothing else.
 */
package flowmatching.job;
