#!/usr/bin/env bash
# Measures the article's network on this machine, in images per second, with the code that trains and samples.
#
#   bench.sh [THREADS [BATCH [STEPS [REPLICAS]]]]
#
# REPLICAS (default 1) run at once, each with THREADS (1) threads and STEPS (8) steps of BATCH (64) images. The figures
# are medians, summed over the replicas. src/test/resources/reference/pytorch.sh bench.py measures PyTorch the same way.
set -euo pipefail
script=$(readlink -f "${BASH_SOURCE[0]}" 2>/dev/null) || script=${BASH_SOURCE[0]}
# shellcheck source=submit/common.sh
source "${script%/*}/common.sh"

if [[ ${1:-} == --help ]]; then
  print_help
  exit
fi
check_java
check_jar
check_spark_home
# The bounds of conf/train.properties, with the heap and array memory that many replicas need.
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx1g -Dorg.bytedeco.javacpp.maxbytes=8G -Dorg.bytedeco.javacpp.maxphysicalbytes=9G \
  "-Dlog4j2.configurationFile=$project/conf/log4j2.properties" -cp "$jar:$spark_home/jars/*" Bench "$@"
