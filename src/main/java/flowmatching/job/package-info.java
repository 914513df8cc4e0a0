/**
 * The command line of the jobs: options, configuration files on any Hadoop file system, exit codes.
 * A job adds only its work.
 */
package flowmatching.job;
