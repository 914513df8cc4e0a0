#!/usr/bin/env bash
# The container's entry point on Kubernetes: "driver" with spark-submit's arguments, or "executor", which Spark configures
# through environment variables (named as in Spark's own image). Anything else, such as the operator's spark-submit, is run
# unchanged.
set -euo pipefail

export SPARK_CONF_DIR=${SPARK_CONF_DIR:-/opt/flow-matching/conf}
case ${1:-} in
  driver)
    shift
    exec "$SPARK_HOME/bin/spark-submit" --conf "spark.driver.bindAddress=$SPARK_DRIVER_BIND_ADDRESS" --deploy-mode client "$@"
    ;;
  executor)
    # SPARK_JAVA_OPT_0, SPARK_JAVA_OPT_1 and so on: one option each, in this order.
    options=()
    for ((i = 0; ; i++)); do
      option=SPARK_JAVA_OPT_$i
      [[ -v $option ]] || break
      options+=("${!option}")
    done
    exec java "${options[@]}" "-Xms$SPARK_EXECUTOR_MEMORY" "-Xmx$SPARK_EXECUTOR_MEMORY" \
      -cp "$SPARK_CONF_DIR:$SPARK_HOME/jars/*${SPARK_CLASSPATH:+:$SPARK_CLASSPATH}" \
      org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend \
      --driver-url "$SPARK_DRIVER_URL" --executor-id "$SPARK_EXECUTOR_ID" --cores "$SPARK_EXECUTOR_CORES" \
      --app-id "$SPARK_APPLICATION_ID" --hostname "$SPARK_EXECUTOR_POD_IP" \
      --resourceProfileId "$SPARK_RESOURCE_PROFILE_ID" --podName "$SPARK_EXECUTOR_POD_NAME"
    ;;
  '')
    echo "entrypoint.sh was given nothing to run: give it driver, executor or a command." >&2
    exit 2
    ;;
  *) exec "$@" ;;
esac
